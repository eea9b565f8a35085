import EventReactor
import Glibc
import TestSupport

/// A TCP connection that a test drives byte by byte, beside a reactor that turns in the same thread.
final class PlainPeer {
    private let descriptor: CInt
    private var unread: [UInt8] = []
    /// Whether the other side has closed or reset the connection.
    private(set) var isClosed = false

    /// Takes over a connected descriptor.
    init(_ descriptor: CInt) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Connects to `tcp://127.0.0.1:port`.
    convenience init(to endpoint: String) throws {
        let descriptor = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let port = UInt16(endpoint.split(separator: ":").last ?? "") ?? 0
        guard withLoopback(port, { connect(descriptor, $0, $1) }) == 0 else {
            throw TestFailure("cannot connect to \(endpoint): errno \(errno)")
        }
        self.init(descriptor)
    }

    deinit { close(descriptor) }

    /// Sends all of the bytes; they must fit into the operating system's buffers.
    func send(_ bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else {
            throw TestFailure("cannot send \(bytes.count) bytes: errno \(errno)")
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Says that no more bytes will come from this side.
    func finish() { _ = shutdown(descriptor, CInt(SHUT_WR)) }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while !isClosed {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { unread += buffer[..<count] } else if count == 0 || errno != EAGAIN { isClosed = true }
            if count < 0 { return }
        }
    }

    /// Turns the reactor until there are `count` bytes, and takes them.
    func receive(_ count: Int, _ reactor: Reactor) throws -> [UInt8] {
        try reactor.run(
            until: {
                read()
                guard unread.count >= count || !isClosed else { throw TestFailure("closed behind \(unread)") }
                return unread.count >= count
            },
            "\(count) bytes"
        )
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }

    /// Turns the reactor until the other side has closed, and takes what came before.
    func receiveAll(_ reactor: Reactor) throws -> [UInt8] {
        try reactor.run(
            until: {
                read()
                return isClosed
            },
            "the end of the connection"
        )
        defer { unread = [] }
        return unread
    }

    /// Turns the reactor for a while, in which nothing may come.
    func receiveNothing(_ reactor: Reactor) throws {
        reactor.run(for: .milliseconds(30))
        read()
        guard unread.isEmpty, !isClosed else { throw TestFailure("did not expect \(unread), closed: \(isClosed)") }
    }
}

/// A TCP port on which a test waits for connections.
final class PlainListener {
    private let descriptor: CInt
    let endpoint: String

    init() throws {
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = Glibc.socket(AF_INET, kind, 0)
        self.descriptor = descriptor
        guard withLoopback(0, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 10) == 0 else {
            throw TestFailure("cannot listen: errno \(errno)")
        }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        endpoint = "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    }

    deinit { close(descriptor) }

    /// Turns the reactor until somebody connects.
    func accept(_ reactor: Reactor) throws -> PlainPeer {
        var accepted: CInt = -1
        try reactor.run(
            until: {
                accepted = Glibc.accept(descriptor, nil, nil)
                return accepted >= 0
            },
            "a connection"
        )
        return PlainPeer(accepted)
    }
}

private func withLoopback(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    address.sin_port = port.bigEndian
    return withUnsafePointer(to: address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
}
