#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A numeric IPv4 address.
struct IPv4Address: Hashable, Sendable {
    /// The address as a number, `127.0.0.1` being `0x7F00_0001`.
    var bits: UInt32

    init(bits: UInt32) { self.bits = bits }

    /// Parses four decimal numbers of 0 to 255 with dots between them; no other notation is taken.
    init?(_ text: some StringProtocol) {
        var address = in_addr()
        guard !text.utf8.contains(0), inet_pton(AF_INET, String(text), &address) == 1 else { return nil }
        self.init(bits: UInt32(bigEndian: address.s_addr))
    }
}

extension IPv4Address: CustomStringConvertible {
    var description: String {
        "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
    }
}

/// A numeric IPv6 address, without scope.
struct IPv6Address: Hashable, Sendable {
    /// The first and the last eight bytes as numbers, `::1` being 0 and 1.
    var high: UInt64
    var low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Parses any of the usual notations, without brackets and scope.
    init?(_ text: some StringProtocol) {
        var words: (UInt64, UInt64) = (0, 0)
        guard !text.utf8.contains(0), inet_pton(AF_INET6, String(text), &words) == 1 else { return nil }
        self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
    }
}

extension IPv6Address: CustomStringConvertible {
    /// The shortest usual notation.
    var description: String {
        var words = (high.bigEndian, low.bigEndian)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            inet_ntop(AF_INET6, &words, buffer.baseAddress!, socklen_t(buffer.count))
            return String(cString: buffer.baseAddress!)
        }
    }
}
