import Synchronization

/// A signal that other threads give to a handler on a reactor: a state that both know has changed.
///
/// It is delivered in the reactor's next turn, as submitted work is; but it allocates nothing, and is delivered ahead
/// of submitted work.
package struct Wakeup: Hashable, Sendable {
    private let number: Int

    private static let numbers = Atomic(0)

    /// A wake-up that is equal to no other in the program.
    package init() { number = Self.numbers.add(1, ordering: .relaxed).newValue }
}

/// The handler of a wake-up.
package protocol WakeupHandler: AnyObject {
    /// Called on the reactor's thread, once for any number of signals since the last turn or once for each.
    func wakeupSignalled()
}

extension Reactor {
    /// Registers the handler of a wake-up, which the reactor retains; nil removes it.
    package func register(_ handler: (any WakeupHandler)?, for wakeup: Wakeup) {
        checkThread()
        wakeupHandlers[wakeup] = handler
    }

    /// Signals a wake-up at a reactor, which may be this one: then its handler is called at once. Returns whether that
    /// reactor still exists.
    package func signal(_ wakeup: Wakeup, at other: ReactorHandle) -> Bool {
        guard other !== handle else {
            wakeupHandlers[wakeup]?.wakeupSignalled()
            return true
        }
        return other.signal(wakeup)
    }

    /// Calls the handlers of the wake-ups, which are then done.
    func deliver(_ wakeups: inout ContiguousArray<Wakeup>) {
        // A handler may signal others: on this reactor at once, and on another one under that one's lock.
        for wakeup in wakeups {
            guard let handler = wakeupHandlers[wakeup] else { continue }
            call(.deferred(handler)) { handler.wakeupSignalled() }
        }
        wakeups.removeAll(keepingCapacity: wakeups.count <= Self.turnBudget)
    }
}
