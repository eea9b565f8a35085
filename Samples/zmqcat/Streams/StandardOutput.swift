import EventReactor
import Glibc

/// Standard output. Lines are collected during a turn of the reactor and written in the next one; when the reader is
/// slow they are queued here, and the loop continues.
///
/// The descriptor's flags are not changed: making it non-blocking would affect other processes that share it. A write
/// of at most PIPE_BUF bytes does not block when poll(2) reports room.
final class StandardOutput {
    /// Receives the state of the output.
    protocol Owner: AnyObject {
        /// `isFull` may have changed.
        func outputMoved()
        /// No more can be written; nil if the reader has closed its end.
        func outputBroke(_ error: Complaint?)
    }

    /// The queued lines.
    var lines = PendingBytes() {
        didSet { schedule() }
    }

    private let reactor: Reactor
    private unowned let owner: any Owner
    private var watcher: FileDescriptorWatcher?
    private var isScheduled = false
    private var isBroken = false
    private let isRegular: Bool

    /// The most queued bytes before no more messages are received.
    private static let limit = 262_144
    private static let pipeBuffer = 4096

    init(on reactor: Reactor, for owner: any Owner) {
        self.reactor = reactor
        self.owner = owner
        var status = stat()
        isRegular = fstat(STDOUT_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether so much is queued that no more should be printed.
    var isFull: Bool { lines.count >= Self.limit }

    /// Whether everything has been written, as far as possible.
    var isEmpty: Bool { lines.isEmpty || isBroken }

    /// Detects when the reader of a pipe closes it, even while there is nothing to write.
    func watchReader() {
        var status = stat()
        guard fstat(STDOUT_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFIFO,
            fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE == O_WRONLY
        else { return }
        // The write end is never readable, but reports an error.
        _ = try? reactor.watch(STDOUT_FILENO, for: .readable) { [unowned self] watcher, _ in
            watcher.cancel()
            breakDown(nil)
        }
    }

    /// Writes as much as possible without blocking.
    func flush() {
        while !lines.isEmpty, !isBroken, isWritable {
            let count = lines.withUnsafeBytes { bytes in
                write(STDOUT_FILENO, bytes.baseAddress, isRegular ? bytes.count : min(bytes.count, Self.pipeBuffer))
            }
            if count >= 0 {
                lines.drop(count)
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                let number = errno
                breakDown(number == EPIPE ? nil : Complaint("standard output: \(String(cString: strerror(number)))"))
            }
        }
        if isBroken { lines.removeAll() }
        if !lines.isEmpty, watcher == nil {
            watcher = try? reactor.watch(STDOUT_FILENO, for: .writable) { [unowned self] _, _ in flush() }
        }
        if lines.isEmpty, let watcher = watcher.take() { watcher.cancel() }
        owner.outputMoved()
    }

    private var isWritable: Bool {
        var wish = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        return isRegular || poll(&wish, 1, 0) > 0
    }

    private func breakDown(_ error: Complaint?) {
        guard !isBroken else { return }
        isBroken = true
        owner.outputBroke(error)
    }

    private func schedule() {
        guard !isScheduled, !lines.isEmpty, watcher == nil else { return }
        isScheduled = true
        reactor.after(.zero) { [unowned self] _ in
            isScheduled = false
            flush()
        }
    }
}
