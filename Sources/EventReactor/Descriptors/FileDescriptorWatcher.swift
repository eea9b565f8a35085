import CLibev
import Glibc

/// A file descriptor under watch, from ``Reactor/watch(_:for:handler:)`` until ``cancel()``.
public final class FileDescriptorWatcher {
    /// The number of the descriptor.
    public let descriptor: CInt

    // libev holds the address while the watcher is active, so this is memory that stays where it is.
    private let io: UnsafeMutablePointer<ev_io>
    // Touched only while this is active; a reactor makes all that it holds inactive before it is gone. Unmanaged, so that nothing here
    // counts references to it.
    private let reactor: Unmanaged<Reactor>
    private var key: Int
    private var current: Readiness
    /// Whether libev has it, as far as we have told it.
    private var isStarted = false
    /// Its descriptor was found to be closed, which the handler is to be told.
    private var isInvalid = false

    init(_ descriptor: CInt, for interest: Readiness, on reactor: Reactor, handler: any FileDescriptorHandler) {
        self.descriptor = descriptor
        self.reactor = .passUnretained(reactor)
        // libev asserts that there is nothing else in it.
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
        reactor._withUnsafeGuaranteedRef {
            ev_io_start($0.loop, io)
            $0.descriptors.started(descriptor, for: current, isFresh: isFresh)
        }
        isStarted = true
    }

    private func stop() {
        reactor._withUnsafeGuaranteedRef {
            ev_io_stop($0.loop, io)
            if isStarted { $0.descriptors.stopped(descriptor, for: current) }
        }
        isStarted = false
    }

    deinit {
        io.deallocate()
    }

    /// Whether the handler can still be called: `cancel()` has not been, and the reactor exists.
    public var isActive: Bool { key >= 0 }

    /// What the descriptor is watched for. Empty pauses the watcher, which then does not hear of a hang-up either.
    ///
    /// Setting the same value again costs next to nothing, setting it back and forth within a turn no system call. What is
    /// no longer of interest is not reported any more, even if it was ready in this turn. Without effect after `cancel()`.
    public var interest: Readiness {
        get { current }
        set {
            let interest = newValue.watchable
            if interest != current, isActive { change(to: interest) }
        }
    }

    private func change(to interest: Readiness) {
        reactor._withUnsafeGuaranteedRef { $0.checkThread() }
        let loop = reactor._withUnsafeGuaranteedRef { $0.loop }
        // Stopping forgets an event that waits to be delivered in this turn; what is still wanted of it comes back.
        let waiting = ev_clear_pending(loop, io)
        stop()
        clibev_io_modify(io, Int32(interest.rawValue))
        current = interest
        guard !interest.isEmpty else { return }
        start()
        let wanted = waiting & Int32(interest.rawValue)
        if wanted != 0 { ev_feed_event(loop, io, wanted) }
    }

    /// Ends the watch: the handler is not called any more, and is released (at the end of the turn, if within one).
    ///
    /// Then the descriptor may be closed. Cancelling again does nothing.
    public func cancel() {
        guard isActive else { return }
        reactor._withUnsafeGuaranteedRef { $0.checkThread() }
        stop()
        let dispatch = reactor._withUnsafeGuaranteedRef { $0.registry.remove(key) }
        key = -1
        reactor._withUnsafeGuaranteedRef { $0.deferRelease(dispatch) }
    }

    fileprivate func detach() {
        reactor._withUnsafeGuaranteedRef { ev_io_stop($0.loop, io) }
        key = -1
    }

    /// The descriptor is closed, and the kernel must not be told of it: the handler is called with that in this turn.
    func invalidate() {
        guard isStarted, !isInvalid else { return }
        stop()
        isInvalid = true
        reactor._withUnsafeGuaranteedRef { ev_feed_event($0.loop, io, Int32(truncatingIfNeeded: EV_ERROR)) }
    }

    /// The descriptor is not watched any more. Answers what the handler is told.
    ///
    /// Either it is closed, which ends the watch. Or libev could not register it, and has stopped the watcher: out of memory, or of
    /// epoll watches. Then it is reported as ready and started again, so that the handler sees by itself what is the matter, and
    /// nothing is lost when the shortage passes.
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

/// What libev's pointer leads to: watcher and handler, both constant, so that a callback retains neither.
///
/// The watcher itself does not hold it, so that cancelling leaves no cycle of handler and watcher behind.
final class DescriptorDispatch: ActiveWatcher {
    let watcher: FileDescriptorWatcher
    let handler: any FileDescriptorHandler

    init(watcher: FileDescriptorWatcher, handler: any FileDescriptorHandler) {
        self.watcher = watcher
        self.handler = handler
    }

    func detach() { watcher.detach() }

    // Goes with the registry's reference to this object.
    func releaseHandler() {}

    @inline(__always)
    func ready(_ events: Int32) {
        guard events & Int32(truncatingIfNeeded: EV_ERROR) == 0 else {
            return handler.descriptor(watcher, ready: watcher.recover())
        }
        handler.descriptor(watcher, ready: Readiness(rawValue: UInt8(truncatingIfNeeded: events & 3)))
    }
}

private func descriptorCallback(_: OpaquePointer?, _ io: UnsafeMutablePointer<ev_io>?, _ events: Int32) {
    Unmanaged<DescriptorDispatch>.fromOpaque(io!.pointee.data)._withUnsafeGuaranteedRef { $0.ready(events) }
}
