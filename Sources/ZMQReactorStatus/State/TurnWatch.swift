import EventReactor

/// What is measured of a reactor's turns while a page shows it.
final class TurnWatch: ReactorLocal {
    /// A handler that holds the loop for longer is slow.
    static let limit = Duration.milliseconds(50)

    /// The keys of the collectors that ask.
    private var users: Set<Int> = []
    private var watcher: SlowHandlerWatcher?
    /// Whether the application measures, too.
    private var isMeasuredAnyway = false

    private(set) var slowHandlers = 0
    private(set) var lastSlowHandler: SlowHandler?

    /// Has no effect for a collector that is known already.
    func begin(for user: Int, on reactor: Reactor) {
        guard users.insert(user).inserted, users.count == 1 else { return }
        isMeasuredAnyway = reactor.measuresTurns
        reactor.measuresTurns = true
        watcher = reactor.onSlowHandler(longerThan: Self.limit) { [unowned self] slow in
            slowHandlers += 1
            lastSlowHandler = slow
        }
    }

    func end(for user: Int, on reactor: Reactor) {
        guard users.remove(user) != nil, users.isEmpty else { return }
        watcher.take()?.cancel()
        if !isMeasuredAnyway { reactor.measuresTurns = false }
    }
}
