import CLibev
import Glibc

extension Reactor {
    /// Calls the handler whenever the descriptor is ready, once per turn.
    ///
    /// The reactor does not own the descriptor. Cancel the watcher before closing the descriptor: epoll(7) and libev
    /// know descriptors by number, and the next one opened has the same number (ev(3), "The special problem of
    /// disappearing file descriptors"). A descriptor that is closed while it is watched is reported as
    /// ``Readiness/invalid`` when the reactor notices: at the next change of its interest, or never. Several watchers
    /// can watch the same descriptor. A regular file, which epoll does not accept, is always ready, as with poll(2).
    ///
    /// - Parameters:
    ///   - descriptor: Any descriptor that poll(2) accepts; preferably non-blocking.
    ///   - interest: What to watch for. Empty pauses the watcher; see ``FileDescriptorWatcher/interest``.
    ///   - handler: Kept alive until the watcher is cancelled.
    /// - Throws: ``ReactorError/Code/badDescriptor`` when the number is not an open descriptor, or is open with
    ///   `O_PATH`, or is an epoll(7) instance that belongs to the reactor or is nested too deeply;
    ///   ``ReactorError/Code/resourceExhausted``.
    @discardableResult
    public func watch(
        _ descriptor: CInt,
        for interest: Readiness,
        handler: any FileDescriptorHandler
    ) throws(ReactorError) -> FileDescriptorWatcher {
        checkThread()
        // libev asserts, and ends the process, when epoll_ctl(2) returns EBADF, EINVAL or ELOOP.
        guard clibev_is_pollable(descriptor) != 0 else {
            let number = errno
            guard fcntl(descriptor, F_GETFD) >= 0 else {
                throw .system("cannot watch descriptor \(descriptor)", errno: number)
            }
            throw ReactorError(.badDescriptor, "cannot watch descriptor \(descriptor): it is open with O_PATH")
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
            "cannot watch descriptor \(descriptor): it is an epoll instance that belongs to this reactor or is nested too deeply",
            errno: number
        )
    }

    /// As ``watch(_:for:handler:)``, for a descriptor that is known to be open because the framework has just opened or
    /// used it.
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
        _ body: @escaping (FileDescriptorWatcher, Readiness) throws -> Void
    ) throws(ReactorError) -> FileDescriptorWatcher {
        try watch(descriptor, for: interest, handler: ClosureDescriptorHandler(self, body))
    }
}
