import Glibc

/// A tcp or Unix domain connection without ZMTP, which a test writes and reads byte by byte. Never blocks.
public final class RawPeer {
    public private(set) var descriptor: Int32
    /// Bytes that have been read, and not been taken by a test.
    public var received: [UInt8] = []
    /// Whether the other side has closed the connection, or reset it.
    public private(set) var isClosed = false

    /// Connects to `tcp://127.0.0.1:port` or `ipc://path`.
    ///
    /// - Parameter receiveBuffer: the size of the system's receive buffer.
    public init(_ endpoint: String, receiveBuffer: Int32? = nil) throws {
        let address = try RawAddress(endpoint)
        descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        guard address.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
            let failure = TestFailure(call: "cannot connect to \(endpoint)", errno: errno)
            close(descriptor)
            throw failure
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    /// Starts connecting to `tcp://127.0.0.1:port` or `ipc://path`, without waiting.
    public init(connectingTo endpoint: String) throws {
        let address = try RawAddress(endpoint)
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        descriptor = socket(address.family, Int32(kind), 0)
        guard address.withPointer({ connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS else {
            let failure = TestFailure(call: "cannot connect to \(endpoint)", errno: errno)
            close(descriptor)
            throw failure
        }
    }

    /// Whether the connection is established.
    public var isConnected: Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return Glibc.poll(&state, 1, 0) == 1 && state.revents & Int16(POLLERR | POLLHUP) == 0
    }

    /// Wraps an accepted connection.
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

    /// Sends as much as the system accepts, and returns how much that was.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    public func send(_ text: String) { send(Array(text.utf8)) }

    /// Bytes that the other side's operating system has not acknowledged, or not read if there is no network in
    /// between.
    public var unacknowledged: Int {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    /// Half-closes: no more bytes follow from this side.
    public func finish() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads the available bytes.
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

    /// Whether these bytes are contained in what was read.
    public func hasReceived(_ bytes: [UInt8]) -> Bool {
        poll()
        guard received.count >= bytes.count else { return false }
        return (0...received.count - bytes.count).contains { received[$0...].starts(with: bytes) }
    }
}
