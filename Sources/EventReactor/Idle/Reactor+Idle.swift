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
        countEventsIfWanted()
        return watcher
    }

    func removeIdler(_ watcher: IdleWatcher) {
        idlers.removeAll { $0 === watcher }
        countEventsIfWanted()
    }

    func runIdlers() {
        // A copy: who is added now waits for the next turn. Who is cancelled now has nothing to call any more.
        for idler in idlers { idler.call() }
    }
}

extension Reactor {
    /// Idle handlers and busy polling depend on whether there were events; otherwise they are not counted.
    func countEventsIfWanted() { countEvents(always: idle.isBusyPoll) }

    func countEvents(always: Bool) {
        if always || !idlers.isEmpty {
            ev_set_invoke_pending_cb(loop, countAndInvokeCallback)
        } else {
            ev_set_invoke_pending_cb(loop, ev_invoke_pending)
        }
    }
}

private func countAndInvokeCallback(_ loop: OpaquePointer?) {
    Unmanaged<Reactor>.fromOpaque(ev_userdata(loop))._withUnsafeGuaranteedRef {
        $0.eventsThisTurn += Int(ev_pending_count(loop))
    }
    ev_invoke_pending(loop)
}
