import Glibc

/// A listening tcp socket on 127.0.0.1 without ZMTP behind it. Never blocks.
public final class RawServer {
    public private(set) var descriptor: Int32
    public let endpoint: String

    /// `backlog` is how many connections the system takes before they are accepted.
    public init(port: Int = 0, backlog: Int32 = 10) throws {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_INET, Int32(kind), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
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

    /// The next connection, if one has come.
    public func accept() -> RawStream? {
        let accepted = Glibc.accept(descriptor, nil, nil)
        return accepted < 0 ? nil : RawStream(accepted: accepted)
    }

    /// Gives the descriptor away.
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
