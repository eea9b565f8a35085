/// IP addresses: one, or a network; see ``Authenticator/addresses(allowing:)``.
///
/// ```swift
/// let office = try AddressRange("192.0.2.0/24")
/// let tests = try AddressRange("2001:db8::/32")
/// let host = try AddressRange("198.51.100.7")
/// ```
///
/// An IPv4 address mapped into IPv6, such as `::ffff:192.0.2.1`, counts as the IPv4 address, in a range and as a peer's
/// address. `0.0.0.0/0` is all of IPv4, and `::/0` all of IPv6 without what counts as IPv4.
public struct AddressRange: Hashable, Sendable {
    /// IPv4 addresses are kept in their mapped form, ::ffff:0:0/96, and each range is on one side of that network's
    /// border.
    private let first: IPv6Address
    /// The number of leading bits that addresses of the range have in common, of 128.
    private let prefix: Int

    private static let mapped = IPv6Address(high: 0, low: 0xFFFF << 32)

    /// The range of this text: an address, or the first address of a network, a slash, and the number of bits that its
    /// addresses have in common (RFC 4632 and 4291), without brackets and scope.
    ///
    /// - Throws: `invalidArgument`, with the text, if it is neither, or if the address has bits behind the network's.
    public init(_ text: String) throws(ZMQError) {
        func failure(_ expected: String) -> ZMQError {
            .badOption("address range", value: text.quoted, expected: expected)
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = Self.address(parts[0]) else {
            throw failure("an address or a network, such as 192.0.2.0/24 or 2001:db8::/32")
        }
        // What stands before the bits of the text's own family.
        let offset = IPv4Address(parts[0]) == nil ? 0 : 96
        var prefix = 128
        if parts.count == 2 {
            guard let bits = Self.number(parts[1]), bits <= 128 - offset else {
                throw failure("a network of 0 to \(128 - offset) bits")
            }
            prefix = offset + bits
        }
        guard address.masked(prefix) == address else {
            throw failure("a network without bits behind its first \(prefix - offset)")
        }
        (first, self.prefix) = (address, prefix)
    }

    /// Whether the address is in the range. A text that is no IP address is in none; a scope is ignored, as in
    /// `fe80::1%eth0`.
    public func contains(_ address: String) -> Bool { Self.address(ofPeer: address).map(contains) ?? false }

    /// Whether the address, IPv4 in its mapped form, is in the range.
    func contains(_ address: IPv6Address) -> Bool {
        address.isMapped == isIPv4 && address.masked(prefix) == first
    }

    private var isIPv4: Bool { prefix >= 96 && first.isMapped }

    /// The address of this text, an IPv4 address in its mapped form; nil for other texts.
    static func address(_ text: some StringProtocol) -> IPv6Address? {
        guard let short = IPv4Address(text) else { return IPv6Address(text) }
        return IPv6Address(high: 0, low: mapped.low | UInt64(short.bits))
    }

    /// As ``address(_:)``; without the scope that a link-local address may have.
    static func address(ofPeer text: String) -> IPv6Address? { address(text.prefix { $0 != "%" }) }

    /// A number without sign and leading zeros.
    private static func number(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text == "0" || !text.hasPrefix("0")
        else { return nil }
        return Int(text)
    }
}

extension AddressRange: CustomStringConvertible {
    /// The range in the form of ``init(_:)``: `192.0.2.0/24`, or the address alone.
    public var description: String {
        let address = isIPv4 ? "\(IPv4Address(bits: UInt32(truncatingIfNeeded: first.low)))" : "\(first)"
        return prefix == 128 ? address : "\(address)/\(isIPv4 ? prefix - 96 : prefix)"
    }
}

extension IPv6Address {
    /// Whether it is an IPv4 address, `::ffff:a.b.c.d`.
    fileprivate var isMapped: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// The address with all bits behind the first `count` zero.
    fileprivate func masked(_ count: Int) -> IPv6Address {
        // A shift by the whole width gives 0.
        IPv6Address(high: high & (~0 << UInt64(64 - min(count, 64))), low: low & (~0 << UInt64(128 - max(count, 64))))
    }
}
