// What the protocol knows about each socket type beside its name: one row each.
//
//   DEV-5  In a 2.0 greeting XPUB and XSUB are sent as PUB and SUB. libzmq sends 9 and 10 for them, which mean the
//          same.

/// The properties of a socket type on the wire. Plain numbers, because every connection reads them.
struct WireTraits {
    private let first, second, third: SocketType?

    /// Its code in a 2.0 greeting; nil for types that came after 2.0.
    let legacyCode: UInt8?

    /// Another code that means the same.
    let legacyAlias: UInt8?

    /// Whether it announces an identity (ID-2).
    let announcesIdentity: Bool

    /// Whether it accepts subscriptions from its peers.
    let takesSubscriptions: Bool

    /// Whether its subscriptions are groups.
    let usesGroups: Bool

    /// The most frames of a message that it receives.
    let frameLimit: Int

    /// - Parameters first, second, third: the compatible types.
    init(
        _ first: SocketType? = nil,
        _ second: SocketType? = nil,
        _ third: SocketType? = nil,
        legacyCode: UInt8? = nil,
        alias: UInt8? = nil,
        announcesIdentity: Bool = false,
        takesSubscriptions: Bool = false,
        usesGroups: Bool = false,
        frameLimit: Int = .max
    ) {
        (self.first, self.second, self.third) = (first, second, third)
        self.legacyCode = legacyCode
        legacyAlias = alias
        self.announcesIdentity = announcesIdentity
        self.takesSubscriptions = takesSubscriptions
        self.usesGroups = usesGroups
        self.frameLimit = frameLimit
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
        case .client: WireTraits(.server, frameLimit: 1)
        case .server: WireTraits(.client, frameLimit: 1)
        case .radio: WireTraits(.dish, takesSubscriptions: true, usesGroups: true)
        case .dish: WireTraits(.radio, usesGroups: true, frameLimit: 2)
        case .scatter: WireTraits(.gather)
        case .gather: WireTraits(.scatter, frameLimit: 1)
        case .peer: WireTraits(.peer, frameLimit: 1)
        case .channel: WireTraits(.channel, frameLimit: 1)
        case .dgram, .stream: WireTraits()
        }
    }

    /// The types that are compatible with this one.
    package var compatibleTypes: [SocketType] { wire.peers }

    /// Whether a socket of this type can be connected with one of type `other`.
    package func isCompatible(with other: SocketType) -> Bool { wire.mayTalk(to: other) }

    /// Whether sockets of this type announce an identity (ID-2).
    package var announcesIdentity: Bool { wire.announcesIdentity }

    /// Whether sockets of this type accept subscriptions from their peers.
    package var takesSubscriptions: Bool { wire.takesSubscriptions }

    /// Whether the subscriptions of this type are groups: RADIO accepts them, and DISH sends them.
    package var usesGroups: Bool { wire.usesGroups }

    /// The most frames of a message that sockets of this type receive (TS-3).
    package var frameLimit: Int { wire.frameLimit }

    /// The code of this type in a 2.0 greeting; nil for types that came after 2.0.
    var legacyCode: UInt8? { wire.legacyCode }

    /// The type with a code in a 2.0 greeting; nil for an unknown code.
    init?(legacyCode: UInt8) {
        for type in Self.allCases where type.wire.legacyCode == legacyCode || type.wire.legacyAlias == legacyCode {
            self = type
            return
        }
        return nil
    }
}
