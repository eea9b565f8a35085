import CLibev
import Glibc

/// A watch for the end of a child process, from ``Reactor/onExit(of:reaps:_:)`` until the process ends or ``cancel()``.
///
/// It uses a pidfd_open(2) descriptor, which becomes readable when the process ends. Unlike libev's child watchers it
/// needs no `SIGCHLD` and no default loop, and cannot mistake another process that has reused the pid.
public final class ProcessWatcher {
    /// The process's id.
    public let pid: CInt

    private var descriptor: CInt
    private let reaps: Bool
    private let reactor: ReactorReference
    private var watcher: FileDescriptorWatcher?

    init(
        _ pid: CInt,
        on reactor: Reactor,
        reaps: Bool,
        body: @escaping (ProcessWatcher, ProcessExitStatus) throws -> Void
    ) throws(ReactorError) {
        self.pid = pid
        self.reaps = reaps
        self.reactor = ReactorReference(reactor)
        descriptor = clibev_pidfd_open(pid)
        guard descriptor >= 0 else { throw .system("cannot watch process \(pid)") }
        var code: CInt = 0
        var status: CInt = 0
        guard clibev_pidfd_wait(descriptor, 1, &code, &status) >= 0 else {
            throw .system("cannot wait for process \(pid)")
        }
        // The descriptor's watcher holds this object and the closure, and releases them in cancel().
        watcher = try reactor.watch(descriptor, for: .readable) { _, _ in self.ended(body) }
    }

    deinit {
        closeDescriptor()
    }

    /// Whether the end of the process is still awaited.
    public var isActive: Bool { watcher?.isActive ?? false }

    /// Stops waiting: the closure is not called, and is released. The child is not affected, and is no longer reaped by
    /// the reactor. Cancelling again does nothing.
    public func cancel() {
        watcher?.cancel()
        watcher = nil
        closeDescriptor()
    }

    private func closeDescriptor() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private func ended(_ body: (ProcessWatcher, ProcessExitStatus) throws -> Void) {
        var code: CInt = 0
        var status: CInt = 0
        let result = clibev_pidfd_wait(descriptor, reaps ? 0 : 1, &code, &status)
        guard result != 0 else { return }
        let ending: ProcessExitStatus =
            result < 0 ? statusOfReaped : code == CLD_EXITED ? .exited(status) : .signalled(Signal(rawValue: status))
        cancel()
        do { try body(self, ending) } catch { reactor.use { $0.handlerFailed(error, of: self) } }
    }

    /// What the system still knows when another call has collected the status.
    private var statusOfReaped: ProcessExitStatus {
        var status: CInt = 0
        guard clibev_pidfd_status(descriptor, &status) == 0 else { return .unknown }
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(Signal(rawValue: signal))
    }
}

@available(*, unavailable, message: "a watcher belongs to the thread of its reactor")
extension ProcessWatcher: Sendable {}
