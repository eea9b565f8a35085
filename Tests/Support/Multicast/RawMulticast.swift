import Glibc

/// One on the loopback network that sends any datagrams to a multicast group, and sees all that are sent there.
public final class RawMulticast {
    /// The group of all tests; each has a port of its own.
    public static let group = "239.192.1.1"

    private let descriptor: CInt
    private let port: UInt16

    /// - Parameter port: the port of the group.
    public init(port: Int) throws {
        self.port = UInt16(port)
        descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw TestFailure(call: "socket", errno: errno) }
        var one: CInt = 1
        for option in [SO_REUSEADDR, SO_REUSEPORT] {
            setsockopt(descriptor, SOL_SOCKET, option, &one, socklen_t(MemoryLayout<CInt>.size))
        }
        var interface = in_addr(s_addr: UInt32(INADDR_LOOPBACK).bigEndian)
        setsockopt(descriptor, CInt(IPPROTO_IP), IP_MULTICAST_IF, &interface, socklen_t(MemoryLayout<in_addr>.size))
        var request = ip_mreq(imr_multiaddr: Self.address(port: 0).sin_addr, imr_interface: interface)
        let size = socklen_t(MemoryLayout<ip_mreq>.size)
        guard Self.address(port: UInt16(port)).withPointer({ bind(descriptor, $0, $1) }) == 0,
            setsockopt(descriptor, CInt(IPPROTO_IP), IP_ADD_MEMBERSHIP, &request, size) == 0
        else {
            let number = errno
            close(descriptor)
            throw TestFailure(call: "join \(Self.group)", errno: number)
        }
    }

    deinit { close(descriptor) }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, group, &address.sin_addr)
        return address
    }

    /// Sends a datagram to the group, or to the port of this host alone.
    public func send(_ datagram: [UInt8], toHost: Bool = false) {
        var address = Self.address(port: port)
        if toHost { address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian }
        let size = address.withPointer { sendto(descriptor, datagram, datagram.count, 0, $0, $1) }
        precondition(size == datagram.count, "a datagram could not be sent")
    }

    /// Takes what has been sent to the group, by this or others, since the last call.
    public func take() -> [[UInt8]] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var found: [[UInt8]] = []
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count >= 0 {
            found.append(Array(buffer[..<count]))
        }
        return found
    }
}

extension sockaddr_in {
    fileprivate func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: self) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Whether this process may open raw sockets, see capabilities(7), CAP_NET_RAW.
public let hasRawSockets: Bool = {
    let descriptor = socket(AF_INET, CInt(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), 113)
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
}()
