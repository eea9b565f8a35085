import CLibev
import Glibc

/// A watch of a file descriptor, from ``Reactor/watch(_:for:handler:)`` until ``cancel()``.
public final class FileDescriptorWatcher {
    /// The descriptor's number.
    public let descriptor: CInt

    // libev holds the address while the watcher is active, so this memory does not move.
    private let io: UnsafeMutablePointer<ev_io>
    private let reactor: ReactorReference
    private var key: Int
    private var current: Readiness
    /// Whether the watcher is started in libev.
    private var isStarted = false
    /// The descriptor was found closed, which is still to be reported to the handler.
    private var isInvalid = false

    init(_ descriptor: CInt, for interest: Readiness, on reactor: Reactor, handler: any FileDescriptorHandler) {
        self.descriptor = descriptor
        self.reactor = ReactorReference(reactor)
        // libev asserts that no other bits are set.
        current = interest.watchable
        key = -1
        io = .allocate(capacity: 1)
        io.initialize(to: ev_io())

        let dispatch = DescriptorDispatch(watcher: self, handler: handler)
        key = reactor.registry.add(dispatch)
        clibev_io_init(
            io,
            descriptorCallback,
            descriptor,
            Int32(current.rawValue),
            Unmanaged.passUnretained(dispatch).toOpaque()
        )
        if !current.isEmpty { start(isFresh: true) }
    }

    private func start(isFresh: Bool = false) {
        reactor.use {
            ev_io_start($0.loop, io)
            $0.descriptors.started(descriptor, for: current, isFresh: isFresh)
        }
        isStarted = true
    }

    private func stop() {
        reactor.use {
            ev_io_stop($0.loop, io)
            if isStarted { $0.descriptors.stopped(descriptor, for: current) }
        }
        isStarted = false
    }

    deinit {
        io.deallocate()
    }

    /// Returns whether the call of the handler is measured.
    @inline(__always)
    func noteServed() -> Bool {
        var isMonitored = false
        reactor.use {
            $0.hasServed = true
            isMonitored = $0.isMonitored
        }
        return isMonitored
    }

    /// Begins the call of the handler if it is only counted. Returns whether it is.
    @inline(__always)
    fileprivate func beginCounting() -> Bool {
        var isCounted = false
        reactor.use {
            isCounted = !$0.isWatched
            if isCounted { $0.beginCounting() }
        }
        return isCounted
    }

    @inline(never)
    fileprivate func watch(_ handler: any FileDescriptorHandler, _ body: () -> Void) {
        reactor.use { $0.call(.descriptor(descriptor, handler), body) }
    }

    /// Whether the handler can still be called: the watcher is not cancelled, and the reactor exists.
    public var isActive: Bool { key >= 0 }

    /// What the descriptor is watched for. Empty pauses the watcher, which then does not report a hang-up either.
    ///
    /// Setting the same value again costs next to nothing, and changing it back and forth within a turn makes no system
    /// call. A condition that is no longer of interest is not reported, even if it was ready in this turn. No effect
    /// after `cancel()`.
    public var interest: Readiness {
        get { current }
        set {
            let interest = newValue.watchable
            if interest != current, isActive { change(to: interest) }
        }
    }

    private func change(to interest: Readiness) {
        reactor.use { $0.checkThread() }
        let loop = reactor.use { $0.loop }
        // Stopping discards an event that is pending in this turn; the part of it that is still of interest is
        // delivered.
        let waiting = ev_clear_pending(loop, io)
        stop()
        clibev_io_modify(io, Int32(interest.rawValue))
        current = interest
        guard !interest.isEmpty else { return }
        start()
        let wanted = waiting & Int32(interest.rawValue)
        if wanted != 0 { ev_feed_event(loop, io, wanted) }
    }

    /// Ends the watch: the handler is not called again, and is released (at the end of the turn, if within one).
    ///
    /// The descriptor may be closed afterwards. Cancelling again does nothing.
    public func cancel() {
        guard isActive else { return }
        reactor.use { $0.checkThread() }
        stop()
        let dispatch = reactor.use { $0.registry.remove(key) }
        key = -1
        reactor.use { $0.deferRelease(dispatch) }
    }

    fileprivate func detach() {
        reactor.use { ev_io_stop($0.loop, io) }
        key = -1
    }

    /// The descriptor is closed and must not reach the kernel: the handler is called with `.invalid` in this turn.
    func invalidate() {
        guard isStarted, !isInvalid else { return }
        stop()
        isInvalid = true
        reactor.use { ev_feed_event($0.loop, io, Int32(truncatingIfNeeded: EV_ERROR)) }
    }

    /// libev no longer watches the descriptor. Returns what to report to the handler.
    ///
    /// Either the descriptor is closed, which ends the watch. Or libev could not register it, for lack of memory or of
    /// epoll watches, and has stopped the watcher. In that case it is reported as ready and started again: the handler
    /// finds the error itself, and no event is lost when the shortage is over.
    fileprivate func recover() -> Readiness {
        if isInvalid || clibev_is_pollable(descriptor) == 0 {
            cancel()
            return current.union(.invalid)
        }
        stop()
        start()
        return current
    }
}

@available(*, unavailable, message: "a watcher belongs to the thread of its reactor")
extension FileDescriptorWatcher: Sendable {}

/// The target of libev's pointer: watcher and handler, both constant, so that a callback retains neither.
///
/// The watcher does not refer to it, so that cancelling leaves no cycle of handler and watcher behind.
final class DescriptorDispatch: ActiveWatcher {
    let watcher: FileDescriptorWatcher
    let handler: any FileDescriptorHandler

    init(watcher: FileDescriptorWatcher, handler: any FileDescriptorHandler) {
        self.watcher = watcher
        self.handler = handler
    }

    func detach() { watcher.detach() }

    // Released with the registry's reference to this object.
    func releaseHandler() {}

    func endSuspension() {
        guard let suspended = handler as? any SuspensionHandler else { return }
        watcher.cancel()
        suspended.suspensionEnds()
    }

    @inline(__always)
    func ready(_ events: Int32) {
        if watcher.noteServed() { measure(events) } else { call(events) }
    }

    // A closure would keep the handler, which counts references: only what is watched pays for that.
    @inline(never)
    private func measure(_ events: Int32) {
        if watcher.beginCounting() { call(events) } else { watcher.watch(handler) { call(events) } }
    }

    @inline(__always)
    private func call(_ events: Int32) {
        guard events & Int32(truncatingIfNeeded: EV_ERROR) == 0 else {
            return handler.descriptor(watcher, ready: watcher.recover())
        }
        handler.descriptor(watcher, ready: Readiness(rawValue: UInt8(truncatingIfNeeded: events & 3)))
    }
}

private func descriptorCallback(_: OpaquePointer?, _ io: UnsafeMutablePointer<ev_io>?, _ events: Int32) {
    Unmanaged<DescriptorDispatch>.fromOpaque(io!.pointee.data)._withUnsafeGuaranteedRef { $0.ready(events) }
}
