import CLibev
import Glibc

extension Reactor {
    /// Calls the handler whenever the descriptor is ready, once per turn.
    ///
    /// The reactor does not own the descriptor. Cancel the watcher first and close the descriptor then: epoll(7) and libev
    /// know descriptors by number, and the next one opened has the same number (ev(3), "The special problem of
    /// disappearing file descriptors"). One that is closed all the same is reported as ``Readiness/invalid`` when the reactor notices: at
    /// the next change of what it is watched for, or never. Several watchers of one descriptor are fine. A regular file, which epoll refuses,
    /// is always ready, as with poll(2).
    ///
    /// - Parameters:
    ///   - descriptor: Anything poll(2) takes; best non-blocking.
    ///   - interest: What to watch for. Empty is a pause; see ``FileDescriptorWatcher/interest``.
    ///   - handler: Kept alive until the watcher is cancelled.
    /// - Throws: ``ReactorError/Code/badDescriptor`` when the number is not an open descriptor, or one opened `O_PATH`, or an epoll(7)
    ///   instance that is the reactor's own or is nested too deeply; ``ReactorError/Code/resourceExhausted``.
    @discardableResult
    public func watch(
        _ descriptor: CInt,
        for interest: Readiness,
        handler: any FileDescriptorHandler
    ) throws(ReactorError) -> FileDescriptorWatcher {
        checkThread()
        // libev asserts, and ends the program, where epoll_ctl(2) says EBADF, EINVAL or ELOOP.
        guard clibev_is_pollable(descriptor) != 0 else {
            let number = errno
            guard fcntl(descriptor, F_GETFD) >= 0 else {
                throw .system("cannot watch descriptor \(descriptor)", errno: number)
            }
            throw ReactorError(.badDescriptor, "cannot watch descriptor \(descriptor): it is open as a path only")
        }
        guard clibev_probe_nesting(descriptor, alarm.descriptor) == 0 else { throw nestingError(descriptor, errno) }
        return FileDescriptorWatcher(descriptor, for: interest, on: self, handler: handler)
    }

    private func nestingError(_ descriptor: CInt, _ number: CInt) -> ReactorError {
        guard [EINVAL, ELOOP].contains(number) else {
            return .system("cannot watch descriptor \(descriptor)", errno: number)
        }
        return ReactorError(
            .badDescriptor,
            "cannot watch descriptor \(descriptor): it is this reactor's own, or an epoll instance that is nested too deeply",
            errno: number
        )
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
