import Glibc
import ZMQReactor

/// Standard input, line by line, as fast as lines are wanted.
///
/// The descriptor stays as it is: making it non-blocking would change it for whoever shares it, such as the shell. One read for
/// each time it is ready does not block either.
final class StandardInput: FileDescriptorHandler {
    /// Takes lines.
    protocol Owner: AnyObject {
        /// Whether another line may be given.
        var wantsLine: Bool { get }
        /// A line, without its newline.
        func take(_ line: ArraySlice<UInt8>)
        /// All lines that were wanted and there have been given.
        func inputPaused()
        /// Nothing more can be read; what has been read is going to be given.
        func inputBroke(_ error: Complaint)
    }

    private let reactor: Reactor
    private unowned let owner: any Owner
    private var watcher: FileDescriptorWatcher?
    private var scratch = [UInt8](repeating: 0, count: 65_536)
    /// What has been read and not been given.
    private var buffer: [UInt8] = []
    private var start = 0
    /// Up to here there is no newline.
    private var searched = 0
    private var hasStarted = false
    private var isAtEnd = false
    private var isPumping = false

    init(on reactor: Reactor, for owner: any Owner) {
        self.reactor = reactor
        self.owner = owner
    }

    /// Whether all lines have been given.
    var isExhausted: Bool { isAtEnd && start == buffer.count }

    /// Begins to read.
    func begin() {
        hasStarted = true
        do { watcher = try reactor.watch(STDIN_FILENO, for: [], handler: self) } catch { breakDown(error.message) }
        pump()
    }

    /// Ends reading for good.
    func end() {
        watcher?.cancel()
        watcher = nil
        hasStarted = false
    }

    /// Gives the owner as many lines as it wants, and goes on reading when it wants more.
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

    /// Drops what has been given: less than a read has brought, since the line that is not whole began in the last one.
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
