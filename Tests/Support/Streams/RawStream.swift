import Glibc

/// A tcp or Unix domain connection without ZMTP behind it, which a test writes to and reads from byte by byte. Never blocks.
public final class RawStream {
    public private(set) var descriptor: Int32
    /// Everything that has been read.
    public private(set) var received: [UInt8] = []
    /// Whether the other side has closed the connection, or reset it.
    public private(set) var isClosed = false

    /// Connects to `tcp://127.0.0.1:port` or `ipc://path`.
    public init(_ endpoint: String) throws {
        let address = try RawAddress(endpoint)
        descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard address.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
            let failure = TestFailure(call: "cannot connect to \(endpoint)", errno: errno)
            close(descriptor)
            throw failure
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    /// Takes a connection that was accepted.
    public init(accepted descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { hangUp() }

    public func hangUp() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        isClosed = true
    }

    /// Closes the connection with a reset.
    public func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        hangUp()
    }

    /// Sends as much as the system takes, and answers how much that was.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Reads what is there.
    public func poll() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isClosed {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                received += buffer[..<count]
            } else if count == 0 || errno != EAGAIN {
                isClosed = true
            } else {
                return
            }
        }
    }

    /// Whether these bytes stand somewhere in what was read.
    public func hasReceived(_ bytes: [UInt8]) -> Bool {
        poll()
        guard received.count >= bytes.count else { return false }
        return (0...received.count - bytes.count).contains { received[$0...].starts(with: bytes) }
    }
}

/// What a ZMTP peer says.
extension RawStream {
    /// The greeting of version 3.`minor` with the NULL mechanism.
    public static func greeting(minor: UInt8 = 1) -> [UInt8] {
        let zeros = [UInt8](repeating: 0, count: 48)
        return [0xFF] + zeros[..<8] + [0x7F, 3, minor] + Array("NULL".utf8) + zeros
    }

    public static func ready(_ type: String) -> [UInt8] {
        let name = Array("Socket-Type".utf8)
        let value = [0, 0, 0, UInt8(type.utf8.count)] + Array(type.utf8)
        return command("READY", [UInt8(name.count)] + name + value)
    }

    public static func command(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = [UInt8(name.utf8.count)] + Array(name.utf8) + data
        return [4, UInt8(body.count)] + body
    }

    /// A message of one short frame.
    public static func message(_ text: String) -> [UInt8] { [0, UInt8(text.utf8.count)] + Array(text.utf8) }

    /// Says everything that a socket of this type says before messages.
    public func shakeHands(as type: String, minor: UInt8 = 1) { send(Self.greeting(minor: minor) + Self.ready(type)) }
}
