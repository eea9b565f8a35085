import EventReactor
import Glibc

/// Standard output. Lines gather during a turn of the reactor and are written at its end; when the reader is slow they wait here,
/// and the loop goes on turning.
///
/// The descriptor stays as it is: making it non-blocking would change it for whoever shares it. A write of no more than
/// PIPE_BUF bytes does not block when poll(2) says that there is room.
final class StandardOutput {
    /// Is told how the reader does.
    protocol Owner: AnyObject {
        /// `isFull` may have changed.
        func outputMoved()
        /// Nothing can be written any more; nil when the reader has simply gone.
        func outputBroke(_ error: Complaint?)
    }

    /// The lines that wait.
    var lines = PendingBytes() {
        didSet { schedule() }
    }

    private let reactor: Reactor
    private unowned let owner: any Owner
    private var watcher: FileDescriptorWatcher?
    private var isScheduled = false
    private var isBroken = false
    private let isRegular: Bool

    /// As many bytes may wait before no more messages are taken.
    private static let limit = 262_144
    private static let pipeBuffer = 4096

    init(on reactor: Reactor, for owner: any Owner) {
        self.reactor = reactor
        self.owner = owner
        var status = stat()
        isRegular = fstat(STDOUT_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether the reader is so far behind that no more should be printed.
    var isFull: Bool { lines.count >= Self.limit }

    /// Whether all has been written, as far as it ever will be.
    var isEmpty: Bool { lines.isEmpty || isBroken }

    /// Notices when the reader of a pipe goes, also while there is nothing to write.
    func watchReader() {
        var status = stat()
        guard fstat(STDOUT_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFIFO,
            fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE == O_WRONLY
        else { return }
        // The end that one writes to is never readable, but broken.
        _ = try? reactor.watch(STDOUT_FILENO, for: .readable) { [unowned self] watcher, _ in
            watcher.cancel()
            breakDown(nil)
        }
    }

    /// Writes as much as can be without waiting.
    func flush() {
        while !lines.isEmpty, !isBroken, hasRoom {
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

    private var hasRoom: Bool {
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
        reactor.atEndOfTurn(self)
    }
}

extension StandardOutput: EndOfTurnHandler {
    func reactorTurnEnded() {
        isScheduled = false
        flush()
    }
}
