import Glibc

/// Standard error: one line per message.
///
/// Lines are held back until the program is ready: if it cannot start, it prints only the line that says why.
struct Diagnostics {
    private var held: [String]? = []

    /// Adds a line, which is held back until all arguments are known to be valid.
    mutating func tell(_ line: String) {
        if held == nil { Self.print(line) } else { held!.append(line) }
    }

    /// Prints the lines held back, and from now on prints at once.
    mutating func begin() {
        for line in held.take() ?? [] { Self.print(line) }
    }

    static func error(_ error: some Error) { print("error: \(error)") }

    private static func print(_ line: String) {
        write(Array((TextLines.printable(line) + "\n").utf8), to: STDERR_FILENO)
    }

    /// Writes everything, however long that takes; stops if there is no reader. Returns whether all is written.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var wish = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wish, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
