import CSockets
import Glibc

/// An address of the operating system, see sockaddr(3type).
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length = socklen_t(0)

    var family: CInt { CInt(storage.ss_family) }

    /// Copies an address that the operating system has made.
    init(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        self.length = length
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
        }
    }

    /// Copies an internet address, and gives it another port.
    init(_ address: UnsafePointer<sockaddr>, length: socklen_t, port: UInt16) {
        self.init(address, length: length)
        // The port stands at the same place in both families.
        let offset = MemoryLayout<sockaddr_in>.offset(of: \.sin_port)!
        withUnsafeMutableBytes(of: &storage) {
            $0.storeBytes(of: port.bigEndian, toByteOffset: offset, as: UInt16.self)
        }
    }

    /// Longest path, or abstract name with its `@`, in bytes: what `sockaddr_un` holds beside the terminating NUL.
    static let longestPath = 107

    /// The address of a Unix domain socket, see unix(7): a path, or an abstract name.
    ///
    /// - Precondition: path and name fit, see ``longestPath``.
    init(unix path: String, isAbstract: Bool) {
        storage.ss_family = sa_family_t(AF_UNIX)
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)!
        let bytes = (isAbstract ? [0] : []) + Array(path.utf8)
        precondition(bytes.count <= Self.longestPath)
        withUnsafeMutableBytes(of: &storage) {
            UnsafeMutableRawBufferPointer(rebasing: $0[offset...]).copyBytes(from: bytes)
        }
        // An abstract name ends with its last byte, a path with a NUL.
        length = socklen_t(offset + bytes.count + (isAbstract ? 0 : 1))
    }

    /// The path, or the abstract name behind an `@`, of a Unix domain socket's address.
    var unixPath: String? {
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)!
        guard family == AF_UNIX, Int(length) > offset else { return nil }
        let bytes = withUnsafeBytes(of: storage) { Array($0[offset..<Int(length)]) }
        if bytes[0] == 0 { return "@" + String(decoding: bytes.dropFirst(), as: UTF8.self) }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Takes the next connection of a listening descriptor: returns the connection's descriptor, or -1 with errno set,
    /// and the address it comes from.
    static func accept(_ listener: CInt) -> (descriptor: CInt, address: SocketAddress) {
        var address = SocketAddress()
        var size = UInt32(MemoryLayout<sockaddr_storage>.size)
        let descriptor = csockets_accept(listener, &address.storage, &size)
        if descriptor >= 0 { address.length = size }
        return (descriptor, address)
    }

    private init() {}

    /// The address of `descriptor`'s own end, or nil.
    init?(localEndOf descriptor: CInt) {
        self.init { getsockname(descriptor, $0, $1) }
    }

    /// The address of `descriptor`'s other end, or nil.
    init?(remoteEndOf descriptor: CInt) {
        self.init { getpeername(descriptor, $0, $1) }
    }

    private init?(_ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt) {
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &size) }
        }
        guard result == 0 else { return nil }
        length = size
    }

    /// Calls `body` with the address as system calls take it.
    func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// Whether it is an IPv4 address in the form of an IPv6 one, `::ffff:a.b.c.d`.
    var isIPv4Mapped: Bool {
        guard family == AF_INET6 else { return false }
        let offset = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr)!
        return withUnsafeBytes(of: storage) { bytes in
            bytes[offset..<(offset + 10)].allSatisfy { $0 == 0 }
                && bytes[(offset + 10)..<(offset + 12)].allSatisfy { $0 == 0xFF }
        }
    }

    /// The port of an internet address.
    var port: Int? {
        switch family {
        case AF_INET:
            withPointer { address, _ in
                address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin_port))
                }
            }
        case AF_INET6:
            withPointer { address, _ in
                address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin6_port))
                }
            }
        default: nil
        }
    }

    /// The numeric host, an IPv6 address in brackets.
    var host: String? {
        if family == AF_INET {
            let offset = MemoryLayout<sockaddr_in>.offset(of: \.sin_addr)!
            let bits = withUnsafeBytes(of: storage) { $0.load(fromByteOffset: offset, as: UInt32.self) }
            return "\(IPv4Address(bits: UInt32(bigEndian: bits)))"
        }
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = withPointer { getnameinfo($0, $1, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) }
        guard result == 0 else { return nil }
        let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return family == AF_INET6 ? "[\(text)]" : text
    }

    /// `host:port` of an internet address, "local" for others.
    var text: String {
        guard let host, let port else { return "local" }
        return "\(host):\(port)"
    }
}

extension SocketAddress: Equatable {
    /// Whether host and port are the same, or the path is.
    static func == (left: SocketAddress, right: SocketAddress) -> Bool {
        left.length == right.length
            && left.withPointer { left, length in
                right.withPointer { right, _ in memcmp(left, right, Int(length)) == 0 }
            }
    }
}
