import Glibc

/// The unit of limits per address: an IPv4 address, an IPv6 /64 network, or a user of this host.
///
/// A subscriber commonly has a whole /64 of IPv6 addresses. An IPv4 address mapped into IPv6 counts as the IPv4
/// address.
enum RemoteAddress: Hashable, Sendable {
    case ipv4(UInt32)
    case ipv6(network: UInt64)
    case user(UInt32)

    /// The address of an internet peer; nil for other families.
    init?(_ address: SocketAddress) {
        switch address.family {
        case AF_INET: self = .ipv4(address.ipv4Bits)
        case AF_INET6:
            let (high, low) = address.ipv6Halves
            if high == 0, low >> 32 == 0xFFFF {
                self = .ipv4(UInt32(truncatingIfNeeded: low))
            } else {
                self = .ipv6(network: high)
            }
        default: return nil
        }
    }

    /// Whether the peer is certain to be on this host.
    var isLocal: Bool {
        switch self {
        case .ipv4(let bits): bits >> 24 == 127
        // ::1, and the rest of a reserved network.
        case .ipv6(let network): network == 0
        case .user: true
        }
    }
}

extension SocketAddress {
    fileprivate var ipv4Bits: UInt32 {
        withPointer { address, _ in
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
            }
        }
    }

    fileprivate var ipv6Halves: (high: UInt64, low: UInt64) {
        withPointer { address, _ in
            let bytes = UnsafeRawPointer(address) + MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr)!
            return (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }
}
