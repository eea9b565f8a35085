import Glibc

/// A TCP port of 127.0.0.1 that was free a moment ago.
///
/// For programs that must be told a number. Whoever can should bind port 0
/// and read back the real endpoint.
public func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw TestFailure(call: "socket", errno: errno) }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
        }
    }
    guard code == 0 else { throw TestFailure(call: "bind", errno: errno) }
    return Int(UInt16(bigEndian: address.sin_port))
}

/// `tcp://127.0.0.1:` with a free port.
public func freeEndpoint() throws -> String { try "tcp://127.0.0.1:\(freePort())" }
