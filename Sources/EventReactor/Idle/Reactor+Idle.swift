import CLibev

extension Reactor {
    /// Calls the closure in every turn in which nothing else was ready: no descriptor, timer, signal or submitted work.
    ///
    /// While there is an idle handler the reactor does not wait, so the program uses a whole processor. Use it to
    /// produce in batches while there is room: do a slice of the work per call, and cancel it when there is no work
    /// left.
    @discardableResult
    public func onIdle(_ body: @escaping (IdleWatcher) -> Void) -> IdleWatcher {
        checkThread()
        let watcher = IdleWatcher(on: self, body: body)
        queues.idle.append(watcher)
        return watcher
    }

    func removeIdler(_ watcher: IdleWatcher) {
        queues.idle.removeAll { $0 === watcher }
    }

    func runIdlers() {
        // A copy: a handler added now waits for the next turn. A handler cancelled now is not called.
        for idler in queues.idle { call(.idle) { idler.call() } }
    }
}
