extension ManualClock {
    /// When the next timer of any of the reactors is due.
    package var nextDeadline: Int64? { reactors.compactMap(\.nextDeadline).min() }

    /// A reactor has nothing to do: lets the others work that have something to do, or else the time of the next timer
    /// come. Returns false when there is none.
    func pass(for idle: Reactor) -> Bool {
        var hasWorked = false
        for reactor in reactors where reactor !== idle && !reactor.isRunning && reactor.hasWork {
            reactor.run(.nowait)
            hasWorked = true
        }
        guard !hasWorked else { return true }
        guard let deadline = nextDeadline else { return false }
        advance(to: deadline)
        return true
    }
}

extension Reactor {
    /// Submits work to another reactor, and waits until it has been done. In virtual time that reactor is on this
    /// thread, too, and runs meanwhile.
    package func submitAndWait(_ work: @escaping ReactorHandle.Work, at handle: ReactorHandle) {
        guard let other = manualClock?.reactors.first(where: { $0.handle === handle }) else {
            return handle.submitAndWait(work)
        }
        let isDone = Locked(false)
        handle.submitUnlimited { reactor in
            work(reactor)
            isDone.withLock { $0 = true }
        }
        while !isDone.withLock({ $0 }) { other.run(.nowait) }
    }

    /// When the next timer is due, in nanoseconds.
    package var nextDeadline: Int64? { timers.earliest }

    /// Whether there is something to do before any time passes. Descriptors of the system are not looked at.
    package var hasWork: Bool {
        queues.haveWork || !batch.isEmpty || inboxSignalled || handle.isSignalled || !jobs.isEmpty
            || timers.earliest.map { $0 <= readClock() } ?? false
    }

    /// The number of timers, and of watchers of any other kind, that are active.
    package var activeWatchers: (timers: Int, others: Int) {
        // That of the main queue is the reactor's own.
        (timers.count, registry.count + queues.idle.count - (servesMainQueue ? 1 : 0))
    }

    /// Whether a watcher of the system's has been called in the last turn.
    package var servedInLastTurn: Bool { hasServed }

    /// A random number from 0 up to 1: of the clock, where that is not the system's.
    package var randomFraction: Double {
        guard let manualClock else { return .random(in: 0..<1) }
        return Double(manualClock.random() >> 11) / Double(1 << 53)
    }

    /// A random number: of the clock, where that is not the system's.
    package var randomNumber: UInt32 {
        manualClock.map { UInt32(truncatingIfNeeded: $0.random()) } ?? .random(in: .min ... .max)
    }

    /// The wait of a turn in virtual time: the next timer is due at once.
    func passTime() {
        poll(blocking: false)
        guard let manualClock, !hasServed, !inboxSignalled else { return }
        if !manualClock.pass(for: self) { poll(blocking: true) }
    }
}
