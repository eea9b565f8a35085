import Glibc
import TestSupport

@testable import ZMQReactor

/// A tcp connection that a test writes to and reads from byte by byte.
final class RawPeer {
    private(set) var descriptor: Int32
    var received: [UInt8] = []
    /// Whether the other side has closed the connection, or reset it.
    private(set) var isClosed = false

    /// Connects to `tcp://127.0.0.1:port`. `receiveBuffer` limits what the system takes for us.
    init(_ endpoint: String, receiveBuffer: Int32? = nil) throws {
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        address.sin_port = UInt16(endpoint.split(separator: ":").last!)!.bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw TestFailure("cannot connect to \(endpoint)") }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    init(accepted descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { hangUp() }

    func hangUp() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        isClosed = true
    }

    /// Sends all of it, as far as the other side takes it within the socket's buffers.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Reads what is there.
    func poll() {
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

    /// Closes the connection with a reset.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        hangUp()
    }
}

extension RawPeer {
    static let greeting: [UInt8] =
        [0xFF] + zeros(8) + [0x7F, 3, 1] + Array("NULL".utf8) + zeros(16) + zeros(32)

    static func ready(_ type: String, identity: [UInt8]? = nil) -> [UInt8] {
        func property(_ name: String, _ value: [UInt8]) -> [UInt8] {
            [UInt8(name.utf8.count)] + Array(name.utf8) + [0, 0, UInt8(value.count >> 8), UInt8(value.count & 0xFF)]
                + value
        }
        var body = [5] + Array("READY".utf8) + property("Socket-Type", Array(type.utf8))
        if let identity { body += property("Identity", identity) }
        if body.count < 256 { return [4, UInt8(body.count)] + body }
        return [6] + zeros(6) + [UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    }

    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    /// Says everything that a socket of this type says before messages.
    func shakeHands(as type: String) { send(Self.greeting + Self.ready(type)) }
}
