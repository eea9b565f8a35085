import CLibev

/// A timer on the wall clock, from ``Reactor/at(_:_:)`` or ``Reactor/onWallClock(every:offset:_:)`` until ``cancel()``.
///
/// It follows the system's time: when the clock is set, the timer moves with it (ev(3), "ev_periodic").
public final class WallClockTimer: ActiveWatcher {
    private let event: UnsafeMutablePointer<ev_periodic>
    private let repeats: Bool
    private let reactor: ReactorReference
    private var key = -1
    private var body: ((WallClockTimer) -> Void)?

    init(on reactor: Reactor, offset: Double, interval: Double, body: @escaping (WallClockTimer) -> Void) {
        self.reactor = ReactorReference(reactor)
        self.body = body
        repeats = interval > 0
        event = .allocate(capacity: 1)
        event.initialize(to: ev_periodic())
        clibev_periodic_init(event, wallClockCallback, offset, interval, Unmanaged.passUnretained(self).toOpaque())
        // libev computes the first tick from its cached time, which may be as old as the last run.
        ev_now_update(reactor.loop)
        ev_periodic_start(reactor.loop, event)
        key = reactor.registry.add(self)
    }

    deinit {
        event.deallocate()
    }

    /// Whether it will fire. A timer for one time is inactive from the moment its handler is called.
    public var isActive: Bool { key >= 0 }

    /// Ends it: the closure is not called again, and is released. Cancelling again does nothing.
    public func cancel() {
        guard isActive else { return }
        reactor.use {
            $0.checkThread()
            ev_periodic_stop($0.loop, event)
            _ = $0.registry.remove(key)
        }
        key = -1
        body = nil
    }

    func detach() {
        reactor.use { ev_periodic_stop($0.loop, event) }
        key = -1
    }

    func releaseHandler() { body = nil }

    fileprivate func call() {
        reactor.use {
            $0.hasServed = true
            let body = body
            if !repeats { cancel() }
            $0.call(.wallClock) { body?(self) }
        }
    }
}

@available(*, unavailable, message: "a timer belongs to the thread of its reactor")
extension WallClockTimer: Sendable {}

private func wallClockCallback(_: OpaquePointer?, _ event: UnsafeMutablePointer<ev_periodic>?, _: Int32) {
    // Retained: the handler may cancel the timer, and nothing else may hold it.
    Unmanaged<WallClockTimer>.fromOpaque(event!.pointee.data).takeUnretainedValue().call()
}
