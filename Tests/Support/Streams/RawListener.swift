import Glibc

/// A listening tcp socket on 127.0.0.1 without ZMTP. Never blocks.
public final class RawListener {
    public private(set) var descriptor: Int32
    public let endpoint: String

    /// - Parameters:
    ///   - backlog: the number of connections that the system holds until they are accepted.
    ///   - receiveBuffer: the size of the system's receive buffers of this listener's peers.
    public init(port: Int = 0, backlog: Int32 = 10, receiveBuffer: Int32? = nil) throws {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_INET, Int32(kind), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let address = try RawAddress("tcp://127.0.0.1:\(port)")
        guard address.withPointer({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, backlog) == 0 else {
            throw TestFailure(call: "cannot listen", errno: errno)
        }
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &bound) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        self.descriptor = descriptor
        endpoint = "tcp://127.0.0.1:\(UInt16(bigEndian: bound.sin_port))"
    }

    /// The next connection, if there is one.
    public func accept() -> RawPeer? {
        let accepted = Glibc.accept(descriptor, nil, nil)
        return accepted < 0 ? nil : RawPeer(accepted: accepted)
    }

    /// Releases the descriptor to the caller.
    public func release() -> Int32 {
        defer { descriptor = -1 }
        return descriptor
    }

    public func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    deinit { close() }
}
