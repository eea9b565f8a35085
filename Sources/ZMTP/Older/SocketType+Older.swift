// The numbers that socket types have in a 2.0 greeting (3.2 of the protocol).
//
//   DEV-5  XPUB and XSUB go as PUB and SUB. libzmq sends 9 and 10 for them, which are taken for the same.

extension SocketType {
    /// The number of this type; nil for the types that came after 2.0.
    var olderCode: UInt8? {
        switch self {
        case .pair: 0
        case .pub, .xpub: 1
        case .sub, .xsub: 2
        case .req: 3
        case .rep: 4
        case .dealer: 5
        case .router: 6
        case .pull: 7
        case .push: 8
        case .client, .server, .radio, .dish, .scatter, .gather, .peer, .channel, .stream: nil
        }
    }

    /// The type with a number; nil for what is none.
    init?(olderCode: UInt8) {
        let types: [SocketType] = [.pair, .pub, .sub, .req, .rep, .dealer, .router, .pull, .push, .pub, .sub]
        guard olderCode < types.count else { return nil }
        self = types[Int(olderCode)]
    }
}
