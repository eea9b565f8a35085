import Glibc
import TestSupport

@testable import ZMQReactor

/// The other side of a connection as bytes: says what a test tells it to, and shows what it hears.
final class WirePeer {
    private let descriptor: CInt
    private let bench: Workbench

    /// What has come, without the greeting and READY.
    private(set) var received: [UInt8] = []

    /// Connects to a socket and shakes hands as a socket of `type`, speaking ZMTP 3.`minor`.
    init(_ type: String, connectedTo socket: Socket, on bench: Workbench, minor: UInt8 = 1) throws {
        self.bench = bench
        let port = UInt16(try bench.endpoint(of: socket).split(separator: ":").last!)!
        descriptor = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw TestFailure("cannot connect: \(errno)") }
        let ready = [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, UInt8(type.utf8.count)]
        send([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, minor] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 48))
        send([4, UInt8(ready.count + type.utf8.count)] + ready + Array(type.utf8))
        try bench.wait("READY") {
            read()
            return received.count >= 66 && received.count >= 66 + Int(received[65])
        }
        received.removeFirst(66 + Int(received[65]))
        let peers = socket.peerCount
        try bench.wait("the handshake") { socket.peerCount >= max(peers, 1) }
    }

    deinit { Glibc.close(descriptor) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, CInt(MSG_NOSIGNAL.rawValue | MSG_DONTWAIT.rawValue))
            }
            if count > 0 { sent += count } else { bench.reactor.run(.nonBlocking) }
        }
    }

    /// A message of one frame.
    func send(message: [UInt8]) { send([0, UInt8(message.count)] + message) }

    /// A SUBSCRIBE command of 3.1.
    func subscribe(_ topic: String) {
        send([4, UInt8(10 + topic.utf8.count), 9] + Array("SUBSCRIBE".utf8) + Array(topic.utf8))
    }

    /// Takes what is there.
    func read() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT.rawValue))
            guard count > 0 else { return }
            received += buffer[..<count]
        }
    }

    /// What has come when all has settled, and forgets it.
    func heard() -> [UInt8] {
        bench.settle()
        read()
        defer { received = [] }
        return received
    }
}
