import CLibev

/// Wakes a loop from any thread (ev(3), "ev_async"). It is obtained only from the inbox, and the loop outlives every
/// thread that obtained it there; this makes it sendable.
struct Waker: @unchecked Sendable {
    let loop: OpaquePointer
    let async: UnsafeMutablePointer<ev_async>

    func wake() { ev_async_send(loop, async) }
}

func inboxSignalledCallback(_: OpaquePointer?, _ async: UnsafeMutablePointer<ev_async>?, _: Int32) {
    Unmanaged<Reactor>.fromOpaque(async!.pointee.data)._withUnsafeGuaranteedRef { $0.inboxSignalled = true }
}
