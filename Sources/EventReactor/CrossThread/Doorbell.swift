import Synchronization

/// What other threads draw a handler's attention with: something has changed at a place that both know of.
///
/// As submitted work, ringing is heard in the reactor's next turn; but it costs no allocation, and is done ahead of submitted work.
package struct Doorbell: Hashable, Sendable {
    private let number: Int

    private static let numbers = Atomic(0)

    /// A doorbell that nothing else in the program has.
    package init() { number = Self.numbers.add(1, ordering: .relaxed).newValue }
}

/// Who hears a doorbell.
package protocol DoorbellHandler: AnyObject {
    /// Once for any number of rings since the last turn, or for each.
    func doorbellRang()
}

extension Reactor {
    /// Has the handler hear the doorbell, and keeps it alive meanwhile; nil takes it away.
    package func answer(_ bell: Doorbell, with handler: (any DoorbellHandler)?) {
        checkThread()
        doorbells[bell] = handler
    }

    /// Rings at a reactor, which may be this one. Says whether it is still there.
    package func ring(_ bell: Doorbell, at other: ReactorHandle) -> Bool {
        guard other !== handle else {
            doorbells[bell]?.doorbellRang()
            return true
        }
        return other.ring(bell)
    }

    func answerDoorbells() {
        // Whoever is called may ring others, on this reactor at once, and on another one under its own lock.
        for bell in rung { doorbells[bell]?.doorbellRang() }
        rung.removeAll(keepingCapacity: rung.count <= Self.turnBudget)
    }
}
