import Glibc

/// A free TCP port of 127.0.0.1, which the system assigns to no other socket as long as this process lives.
///
/// It stays bound, without listening: a socket that binds this number with SO_REUSEADDR, as ZeroMQ does, can listen
/// there repeatedly, and until then connections are refused. For programs that need a number, and for tests that bind
/// twice to the same one; otherwise bind port 0 and read back the endpoint.
public func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw TestFailure(call: "socket", errno: errno) }
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
        }
    }
    guard code == 0 else {
        defer { close(descriptor) }
        throw TestFailure(call: "bind", errno: errno)
    }
    return Int(UInt16(bigEndian: address.sin_port))
}

/// `tcp://127.0.0.1:` with a free port, see `freePort`.
public func freeEndpoint() throws -> String { try "tcp://127.0.0.1:\(freePort())" }
