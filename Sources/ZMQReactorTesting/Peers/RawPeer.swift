import Glibc

/// One end of a connection without ZMTP, which a test writes and reads byte by byte: what a socket meets at the other
/// end may be anything. Never blocks.
///
/// It connects by ``TestScene/rawPeer(to:)`` in memory, or to a tcp or ipc endpoint of this machine. ``Wire`` has the
/// bytes to send.
public final class RawPeer {
    private enum Carrier {
        case descriptor(CInt)
        case memory(MemoryStream)
        case none
    }
    private var carrier: Carrier

    /// Bytes that have been read by ``poll()``, and not been taken by the test.
    public var received: [UInt8] = []

    /// Whether the other side has closed the connection or broken it, or this one has. ``poll()`` finds out.
    public private(set) var isClosed = false

    /// Connects to a port or path of this machine.
    ///
    /// - Parameters:
    ///   - endpoint: `tcp://127.0.0.1:port` or `ipc://path`.
    ///   - receiveBuffer: the size of the system's receive buffer; nil for the default.
    /// - Throws: ``TestFailure`` when nothing listens there.
    public convenience init(_ endpoint: String, receiveBuffer: Int32? = nil) throws(TestFailure) {
        let address = try RawAddress(endpoint)
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        guard address.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
            let failure = TestFailure(call: "cannot connect to \(endpoint)", errno: errno)
            close(descriptor)
            throw failure
        }
        self.init(accepted: descriptor)
    }

    /// Starts connecting to `tcp://127.0.0.1:port` or `ipc://path`, without waiting.
    package init(connectingTo endpoint: String) throws(TestFailure) {
        let address = try RawAddress(endpoint)
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(address.family, Int32(kind), 0)
        guard address.withPointer({ connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS else {
            let failure = TestFailure(call: "cannot connect to \(endpoint)", errno: errno)
            close(descriptor)
            throw failure
        }
        carrier = .descriptor(descriptor)
    }

    /// Wraps an accepted connection.
    package init(accepted descriptor: Int32) {
        carrier = .descriptor(descriptor)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    init(_ stream: MemoryStream) { carrier = .memory(stream) }

    deinit { hangUp() }

    /// The descriptor; -1 where there is none.
    package var descriptor: Int32 { if case .descriptor(let descriptor) = carrier { descriptor } else { -1 } }

    /// Whether the connection is established.
    package var isConnected: Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return Glibc.poll(&state, 1, 0) == 1 && state.revents & Int16(POLLERR | POLLHUP) == 0
    }

    /// Closes the connection.
    public func hangUp() {
        switch carrier {
        case .descriptor(let descriptor): close(descriptor)
        case .memory(let stream): stream.close()
        case .none: break
        }
        carrier = .none
        isClosed = true
    }

    /// Closes the connection with a reset.
    public func reset() {
        switch carrier {
        case .descriptor(let descriptor):
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        case .memory(let stream): stream.outgoing.breakOff()
        case .none: break
        }
        hangUp()
    }

    /// Sends as much as there is room for, and returns how much that was; -1 when the connection is broken.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { bytes in
            switch carrier {
            case .descriptor(let descriptor):
                Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            case .memory(let stream): stream.write(bytes)
            case .none: -1
            }
        }
    }

    /// Sends the bytes of the text.
    public func send(_ text: String) { send(Array(text.utf8)) }

    /// Bytes that have been sent and have not arrived; those not read, where there is no network in between.
    package var unacknowledged: Int {
        if case .memory(let stream) = carrier { return stream.unacknowledged }
        var count: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    /// Half-closes: no more bytes follow from this side.
    public func finish() {
        switch carrier {
        case .descriptor(let descriptor): _ = shutdown(descriptor, Int32(SHUT_WR))
        case .memory(let stream): stream.shutdown(CInt(SHUT_WR))
        case .none: break
        }
    }

    /// Reads the available bytes.
    public func poll() { poll(atMost: .max) }

    /// Reads the available bytes, or as many of them.
    package func poll(atMost limit: Int) {
        var buffer: [UInt8] = []
        var rest = limit
        while !isClosed, rest > 0 {
            if buffer.count != min(rest, 65_536) { buffer = [UInt8](repeating: 0, count: min(rest, 65_536)) }
            let count = buffer.withUnsafeMutableBytes { room in
                switch carrier {
                case .descriptor(let descriptor): read(descriptor, room.baseAddress, room.count)
                case .memory(let stream): stream.read(into: room)
                case .none: 0
                }
            }
            if count > 0 {
                received += buffer[..<count]
                rest -= count
            } else if count == 0 || errno != EAGAIN {
                isClosed = true
            } else {
                return
            }
        }
    }

    /// Reads the available bytes and takes them all.
    public func takeReceived() -> [UInt8] {
        poll()
        defer { received = [] }
        return received
    }

    /// Whether these bytes are contained in what was read.
    package func hasReceived(_ bytes: [UInt8]) -> Bool {
        poll()
        guard received.count >= bytes.count else { return false }
        return (0...received.count - bytes.count).contains { received[$0...].starts(with: bytes) }
    }
}

extension RawPeer {
    /// Sends everything that a socket of this type sends before its messages, as in ZMTP 3 with the NULL mechanism.
    ///
    /// - Parameters:
    ///   - type: as on the wire: `PUSH`, `SUB`, …
    ///   - minor: the revision: 0 or 1.
    public func shakeHands(as type: String, minor: UInt8 = 1) { send(Wire.greeting(minor: minor) + Wire.ready(type)) }

    /// Sends a message of one frame.
    public func send(message: [UInt8]) { send(Wire.message([message])) }

    /// Sends a command.
    public func send(command: String, _ data: [UInt8] = []) { send(Wire.command(command, data)) }

    /// Sends the SUBSCRIBE command of ZMTP 3.1.
    public func subscribe(_ topic: String) { send(command: "SUBSCRIBE", Array(topic.utf8)) }
}
