import CLibev

/// A watch for a signal, from ``Reactor/on(signal:_:)`` until ``cancel()``.
public final class SignalWatcher: ActiveWatcher {
    /// The watched signal.
    public let signal: Signal

    private let event: UnsafeMutablePointer<ev_signal>
    private let reactor: ReactorReference
    private var key = -1
    private var body: ((SignalWatcher) -> Void)?

    init(_ signal: Signal, on reactor: Reactor, body: @escaping (SignalWatcher) -> Void) throws(ReactorError) {
        self.signal = signal
        self.reactor = ReactorReference(reactor)
        self.body = body
        event = .allocate(capacity: 1)
        event.initialize(to: ev_signal())
        clibev_signal_init(event, signalCallback, signal.rawValue, Unmanaged.passUnretained(self).toOpaque())
        try SignalRegistry.claim(signal, for: reactor.loop) { ev_signal_start(reactor.loop, event) }
        key = reactor.registry.add(self)
    }

    deinit {
        event.deallocate()
    }

    /// Whether the handler can still be called.
    public var isActive: Bool { key >= 0 }

    /// Ends the watch: the closure is not called again, and is released. Cancelling again does nothing.
    ///
    /// After the last watcher of a signal, the signal has the effect it had before the first.
    public func cancel() {
        guard isActive else { return }
        reactor.use { reactor in
            reactor.checkThread()
            SignalRegistry.release(signal) { ev_signal_stop(reactor.loop, event) }
            _ = reactor.registry.remove(key)
        }
        key = -1
        body = nil
    }

    func detach() {
        reactor.use { reactor in SignalRegistry.release(signal) { ev_signal_stop(reactor.loop, event) } }
        key = -1
    }

    func releaseHandler() { body = nil }

    fileprivate func call() {
        reactor.use {
            $0.hasServed = true
            $0.call(.signal(signal)) { body?(self) }
        }
    }
}

@available(*, unavailable, message: "a watcher belongs to the thread of its reactor")
extension SignalWatcher: Sendable {}

private func signalCallback(_: OpaquePointer?, _ event: UnsafeMutablePointer<ev_signal>?, _: Int32) {
    // Retained: the handler may cancel the watcher, and nothing else may hold it.
    Unmanaged<SignalWatcher>.fromOpaque(event!.pointee.data).takeUnretainedValue().call()
}
