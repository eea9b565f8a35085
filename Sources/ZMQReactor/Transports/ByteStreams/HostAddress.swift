import EventReactor

/// An address in which a host may stand by name: it then has any number of addresses, which change.
protocol HostAddress: ByteStreamAddress {
    /// Whether the host stands there by a name that is looked up on this side.
    func namesHost(for options: SocketOptions) -> Bool

    typealias Found = (_ addresses: [any Transport], _ reason: EventReason) -> Void

    /// Looks the host up without blocking the loop, and finds the address with each of the host's in the place of the
    /// name: those of one family, without repetition. None with the reason when there are none.
    func lookUpHost(for options: SocketOptions, on reactor: Reactor, _ completion: @escaping Found)
}
