package import Glibc

/// The address of `tcp://127.0.0.1:port` or `ipc://path`, for system calls.
package struct RawAddress {
    private var storage = sockaddr_storage()
    private var length = socklen_t(0)
    package var family: Int32 { Int32(storage.ss_family) }

    package init(_ endpoint: String) throws(TestFailure) {
        if endpoint.hasPrefix("ipc://") {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let path = Array(endpoint.dropFirst("ipc://".count).utf8)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
            store(address)
        } else {
            guard let port = endpoint.split(separator: ":").last.flatMap({ UInt16($0) }) else {
                throw TestFailure("\(endpoint) has no port")
            }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
            address.sin_port = port.bigEndian
            store(address)
        }
    }

    private mutating func store<T>(_ address: T) {
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: T.self) }
        length = socklen_t(MemoryLayout<T>.size)
    }

    package func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
