import Glibc
import ZMQReactor

/// Standard input, line by line, as fast as lines are wanted.
///
/// The descriptor's flags are not changed: making it non-blocking would affect other processes that share it, such as
/// the shell. One read each time it is ready does not block either.
final class StandardInput: FileDescriptorHandler {
    /// Receives lines.
    protocol Owner: AnyObject {
        /// Whether another line is wanted.
        var wantsLine: Bool { get }
        /// A line, without its newline.
        func take(_ line: ArraySlice<UInt8>)
        /// All available lines that were wanted have been delivered.
        func inputPaused()
        /// No more can be read; lines already read will be delivered.
        func inputBroke(_ error: Complaint)
    }

    private let reactor: Reactor
    private unowned let owner: any Owner
    private var watcher: FileDescriptorWatcher?
    private var scratch = [UInt8](repeating: 0, count: 65_536)
    /// Bytes that have been read and not delivered.
    private var buffer: [UInt8] = []
    private var start = 0
    /// There is no newline before this offset.
    private var searched = 0
    private var hasStarted = false
    private var isAtEnd = false
    private var isPumping = false

    init(on reactor: Reactor, for owner: any Owner) {
        self.reactor = reactor
        self.owner = owner
    }

    /// Whether all lines have been delivered.
    var isExhausted: Bool { isAtEnd && start == buffer.count }

    /// Starts reading.
    func begin() {
        hasStarted = true
        do { watcher = try reactor.watch(STDIN_FILENO, for: [], handler: self) } catch { breakDown(error.message) }
        pump()
    }

    /// Stops reading for good.
    func end() {
        watcher?.cancel()
        watcher = nil
        hasStarted = false
    }

    /// Delivers as many lines as the owner wants, and continues reading when it wants more.
    func pump() {
        guard hasStarted, !isPumping else { return }
        isPumping = true
        while owner.wantsLine, let line = nextLine() { owner.take(line) }
        isPumping = false
        if start == buffer.count { compact() }
        watcher?.interest = owner.wantsLine && !isAtEnd ? .readable : []
        owner.inputPaused()
    }

    private func nextLine() -> ArraySlice<UInt8>? {
        let newline = buffer.withUnsafeBytes { bytes -> Int? in
            guard let found = memchr(bytes.baseAddress! + searched, 10, bytes.count - searched) else { return nil }
            return UnsafeRawPointer(found) - bytes.baseAddress!
        }
        if let newline {
            defer { (start, searched) = (newline + 1, newline + 1) }
            return buffer[start..<newline]
        }
        searched = buffer.count
        // The last line may have no newline.
        guard isAtEnd, start < buffer.count else { return nil }
        defer { start = buffer.count }
        return buffer[start...]
    }

    /// Removes delivered bytes: fewer than one read brings, because the incomplete line began in the last read.
    private func compact() {
        buffer.removeFirst(start)
        searched -= start
        start = 0
    }

    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        let count = scratch.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
        if count > 0 {
            compact()
            buffer += scratch[..<count]
        } else if count == 0 {
            isAtEnd = true
        } else if errno != EAGAIN, errno != EINTR {
            breakDown(String(cString: strerror(errno)))
        }
        pump()
    }

    private func breakDown(_ reason: String) {
        isAtEnd = true
        owner.inputBroke(Complaint("standard input: \(reason)"))
    }
}
