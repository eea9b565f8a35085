/// A handler that runs whenever the reactor has nothing else to do, from ``Reactor/onIdle(_:)`` until ``cancel()``.
public final class IdleWatcher: ActiveWatcher {
    // Touched only while this is active; a reactor makes all that it holds inactive before it is gone.
    private unowned(unsafe) let reactor: Reactor
    private var body: ((IdleWatcher) -> Void)?

    init(on reactor: Reactor, body: @escaping (IdleWatcher) -> Void) {
        self.reactor = reactor
        self.body = body
    }

    /// Whether it will be called.
    public private(set) var isActive = true

    /// Ends it: the closure is not called any more, and is released. Cancelling again does nothing.
    public func cancel() {
        guard isActive else { return }
        reactor.checkThread()
        isActive = false
        body = nil
        reactor.removeIdler(self)
    }

    func call() { body?(self) }

    func detach() { isActive = false }

    func releaseHandler() { body = nil }
}

@available(*, unavailable, message: "a watcher belongs to the thread of its reactor")
extension IdleWatcher: Sendable {}
