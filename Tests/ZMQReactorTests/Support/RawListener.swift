import Glibc
import TestSupport

/// A listening tcp socket without ZMTP behind it.
final class RawListener {
    private var descriptor: Int32
    let endpoint: String

    init() throws {
        let descriptor = socket(
            AF_INET,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0
        )
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
        guard code == 0, listen(descriptor, 10) == 0 else { throw TestFailure("cannot listen") }
        self.descriptor = descriptor
        endpoint = "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    }

    /// The next connection, if one has come.
    func accept() -> RawPeer? {
        let accepted = Glibc.accept(descriptor, nil, nil)
        return accepted < 0 ? nil : RawPeer(accepted: accepted)
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    deinit { close() }
}
