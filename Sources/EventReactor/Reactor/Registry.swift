/// An object that libev calls through an unretained pointer.
protocol ActiveWatcher: AnyObject {
    /// The reactor is being released: stop in libev, and do not refer to the reactor again. Nothing may be released
    /// yet.
    func detach()

    /// All watchers are detached: release the handler.
    func releaseHandler()

    /// The thread is ending: if a task waits for this watcher, cancel it, and end the wait.
    func endSuspension()
}

extension ActiveWatcher {
    func endSuspension() {}
}

/// The handler of a watcher that a task waits for.
protocol SuspensionHandler: AnyObject {
    /// The watcher is cancelled, because the reactor's thread ends. The task continues, perhaps on another thread.
    func suspensionEnds()
}

/// Everything that is active on a reactor. The registry keeps it alive.
struct Registry {
    private var watchers: ContiguousArray<(any ActiveWatcher)?> = []
    private var free: ContiguousArray<Int> = []

    var count: Int { watchers.count - free.count }

    /// Returns the key for removal.
    mutating func add(_ watcher: any ActiveWatcher) -> Int {
        guard let key = free.popLast() else {
            watchers.append(watcher)
            return watchers.count - 1
        }
        watchers[key] = watcher
        return key
    }

    mutating func remove(_ key: Int) -> any ActiveWatcher {
        free.append(key)
        return watchers[key].take()!
    }

    /// All that is active.
    var all: ContiguousArray<any ActiveWatcher> { ContiguousArray(watchers.compactMap { $0 }) }
}
