extension Authenticator {
    /// Accepts peers by their address: those in one of the ranges, and no others. A peer without an IP address, on ipc,
    /// is refused.
    ///
    /// Decides at once. An address does not identify a peer: combine it with an authenticator that does.
    ///
    /// ```swift
    /// let office = try [AddressRange("192.0.2.0/24"), AddressRange("2001:db8::/32")]
    /// let authenticator = Authenticator.addresses(allowing: office).and(.keys(names))
    /// ```
    public static func addresses(allowing ranges: [AddressRange]) -> Authenticator {
        Authenticator { request in
            guard let address = AddressRange.address(ofPeer: request.address),
                ranges.contains(where: { $0.contains(address) })
            else { return .refuse("the address \(request.address.quoted) is not allowed") }
            return .accept
        }
    }

    /// Refuses peers by their address: those in one of the ranges, and no others. A peer without an IP address, on ipc,
    /// is accepted.
    ///
    /// Decides at once; see ``addresses(allowing:)``.
    public static func addresses(denying ranges: [AddressRange]) -> Authenticator {
        Authenticator { request in
            guard let address = AddressRange.address(ofPeer: request.address),
                ranges.contains(where: { $0.contains(address) })
            else { return .accept }
            return .refuse("the address \(request.address.quoted) is denied")
        }
    }
}
