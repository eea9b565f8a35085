import CLibev
import Glibc

extension Reactor {
    /// Calls the handler whenever the descriptor is ready, once per turn.
    ///
    /// The reactor does not own the descriptor. Cancel the watcher first and close the descriptor then: epoll(7) and libev
    /// know descriptors by number, and the next one opened has the same number (ev(3), "The special problem of
    /// disappearing file descriptors"). Several watchers of one descriptor are fine. A regular file, which epoll refuses,
    /// is always ready, as with poll(2).
    ///
    /// - Parameters:
    ///   - descriptor: Anything poll(2) takes; best non-blocking.
    ///   - interest: What to watch for. Empty is a pause; see ``FileDescriptorWatcher/interest``.
    ///   - handler: Kept alive until the watcher is cancelled.
    /// - Throws: ``ReactorError/Code/badDescriptor`` when the number is not an open descriptor, or one opened `O_PATH`.
    @discardableResult
    public func watch(
        _ descriptor: CInt,
        for interest: Readiness,
        handler: any FileDescriptorHandler
    ) throws(ReactorError) -> FileDescriptorWatcher {
        checkThread()
        // libev asserts, and ends the program, where epoll says EBADF.
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0 else { throw .system("cannot watch descriptor \(descriptor)") }
        guard flags & clibev_o_path == 0 else {
            throw ReactorError(.badDescriptor, "cannot watch descriptor \(descriptor): it is open as a path only")
        }
        return FileDescriptorWatcher(descriptor, for: interest, on: self, handler: handler)
    }

    /// As ``watch(_:for:handler:)``, of a descriptor that is known to be open because the framework has opened or just used it.
    package func watchOpen(
        _ descriptor: CInt,
        for interest: Readiness,
        handler: any FileDescriptorHandler
    ) -> FileDescriptorWatcher {
        checkThread()
        return FileDescriptorWatcher(descriptor, for: interest, on: self, handler: handler)
    }

    /// Calls the closure whenever the descriptor is ready. As ``watch(_:for:handler:)``.
    @discardableResult
    public func watch(
        _ descriptor: CInt,
        for interest: Readiness,
        _ body: @escaping (FileDescriptorWatcher, Readiness) -> Void
    ) throws(ReactorError) -> FileDescriptorWatcher {
        try watch(descriptor, for: interest, handler: ClosureDescriptorHandler(body))
    }
}
