import CLibev

extension Reactor {
    /// Calls the closure in every turn in which nothing else was ready: no descriptor, timer, signal or submitted work.
    ///
    /// The reactor does not wait while there is such a handler, so the program takes all of a processor. It is meant for
    /// producing in batches while there is room: do a slice of the work per call, and cancel when there is none left.
    @discardableResult
    public func onIdle(_ body: @escaping (IdleWatcher) -> Void) -> IdleWatcher {
        checkThread()
        let watcher = IdleWatcher(on: self, body: body)
        idlers.append(watcher)
        return watcher
    }

    func removeIdler(_ watcher: IdleWatcher) {
        idlers.removeAll { $0 === watcher }
    }

    func runIdlers() {
        // A copy: who is added now waits for the next turn. Who is cancelled now has nothing to call any more.
        for idler in idlers { idler.call() }
    }
}
