/// A handler that runs whenever the reactor has nothing else to do, from ``Reactor/onIdle(_:)`` until ``cancel()``.
public final class IdleWatcher: ActiveWatcher {
    private let reactor: ReactorReference
    private var body: ((IdleWatcher) throws -> Void)?

    init(on reactor: Reactor, body: @escaping (IdleWatcher) throws -> Void) {
        self.reactor = ReactorReference(reactor)
        self.body = body
    }

    /// Whether the handler can still be called.
    public private(set) var isActive = true

    /// Ends the watch: the closure is not called again, and is released. Cancelling again does nothing.
    public func cancel() {
        guard isActive else { return }
        reactor.use { $0.checkThread() }
        isActive = false
        body = nil
        reactor.use { $0.removeIdler(self) }
    }

    func call() {
        do { try body?(self) } catch { reactor.use { $0.handlerFailed(error, of: self) } }
    }

    func detach() { isActive = false }

    func releaseHandler() { body = nil }
}

@available(*, unavailable, message: "a watcher belongs to the thread of its reactor")
extension IdleWatcher: Sendable {}
