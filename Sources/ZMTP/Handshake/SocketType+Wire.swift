// What the protocol knows of each type of socket beside its name: a row for each.
//
//   DEV-5  In a 2.0 greeting XPUB and XSUB go as PUB and SUB. libzmq sends 9 and 10 for them, which are taken for the same.

/// The part of a type of socket that shows on the wire. Plain numbers, as it is asked for with each connection.
struct WireTraits {
    private let first, second, third: SocketType?

    /// The number it has in a 2.0 greeting; nil for the types that came after 2.0.
    let legacyCode: UInt8?

    /// Another number that stands for it.
    let legacyAlias: UInt8?

    /// Whether it announces an identity (ID-2).
    let announcesIdentity: Bool

    /// Whether it takes subscriptions from its peers.
    let takesSubscriptions: Bool

    /// - Parameters first, second, third: the types that it may talk to.
    init(
        _ first: SocketType? = nil,
        _ second: SocketType? = nil,
        _ third: SocketType? = nil,
        legacyCode: UInt8? = nil,
        alias: UInt8? = nil,
        announcesIdentity: Bool = false,
        takesSubscriptions: Bool = false
    ) {
        (self.first, self.second, self.third) = (first, second, third)
        self.legacyCode = legacyCode
        legacyAlias = alias
        self.announcesIdentity = announcesIdentity
        self.takesSubscriptions = takesSubscriptions
    }

    var peers: [SocketType] { [first, second, third].compactMap(\.self) }

    func mayTalk(to other: SocketType) -> Bool { first == other || second == other || third == other }
}

extension SocketType {
    var wire: WireTraits {
        switch self {
        case .req: WireTraits(.rep, .router, legacyCode: 3, announcesIdentity: true)
        case .rep: WireTraits(.req, .dealer, legacyCode: 4)
        case .dealer: WireTraits(.rep, .dealer, .router, legacyCode: 5, announcesIdentity: true)
        case .router: WireTraits(.req, .dealer, .router, legacyCode: 6, announcesIdentity: true)
        case .pub: WireTraits(.sub, .xsub, legacyCode: 1, alias: 9, takesSubscriptions: true)
        case .sub: WireTraits(.pub, .xpub, legacyCode: 2, alias: 10)
        case .xpub: WireTraits(.sub, .xsub, legacyCode: 1, takesSubscriptions: true)
        case .xsub: WireTraits(.pub, .xpub, legacyCode: 2)
        case .push: WireTraits(.pull, legacyCode: 8)
        case .pull: WireTraits(.push, legacyCode: 7)
        case .pair: WireTraits(.pair, legacyCode: 0)
        case .client: WireTraits(.server)
        case .server: WireTraits(.client)
        case .radio: WireTraits(.dish)
        case .dish: WireTraits(.radio)
        case .scatter: WireTraits(.gather)
        case .gather: WireTraits(.scatter)
        case .peer: WireTraits(.peer)
        case .channel: WireTraits(.channel)
        case .stream: WireTraits()
        }
    }

    /// The types a socket of this type may talk to.
    package var compatibleTypes: [SocketType] { wire.peers }

    /// Whether a socket of this type may talk to one of type `other`.
    package func isCompatible(with other: SocketType) -> Bool { wire.mayTalk(to: other) }

    /// Whether sockets of this type announce an identity (ID-2).
    package var announcesIdentity: Bool { wire.announcesIdentity }

    /// Whether sockets of this type take subscriptions from their peers.
    package var takesSubscriptions: Bool { wire.takesSubscriptions }

    /// The number of this type in a 2.0 greeting; nil for the types that came after 2.0.
    var legacyCode: UInt8? { wire.legacyCode }

    /// The type with a number in a 2.0 greeting; nil for what is none.
    init?(legacyCode: UInt8) {
        for type in Self.allCases where type.wire.legacyCode == legacyCode || type.wire.legacyAlias == legacyCode {
            self = type
            return
        }
        return nil
    }
}
