import Testing

@testable import ZMTP

@Suite struct SocketTypeTests {
    /// The legal pairs, in one direction.
    static let legal: [(SocketType, SocketType)] = [
        (.req, .rep), (.req, .router), (.rep, .dealer), (.dealer, .dealer), (.dealer, .router), (.router, .router),
        (.pub, .sub), (.pub, .xsub), (.xpub, .sub), (.xpub, .xsub), (.push, .pull), (.pair, .pair),
        (.client, .server), (.radio, .dish), (.scatter, .gather), (.peer, .peer), (.channel, .channel),
    ]

    static func isLegal(_ one: SocketType, _ other: SocketType) -> Bool {
        legal.contains { $0 == (one, other) || $0 == (other, one) }
    }

    @Test("5.1: legal pairs, and no others") func pairs() {
        for one in SocketType.allCases {
            for other in SocketType.allCases {
                #expect(one.isCompatible(with: other) == Self.isLegal(one, other), "\(one) and \(other)")
            }
        }
    }

    @Test("ID-2: REQ, DEALER and ROUTER announce an identity") func identities() {
        #expect(SocketType.allCases.filter(\.announcesIdentity) == [.req, .dealer, .router])
    }

    @Test("DEV-5: codes of a 2.0 greeting") func legacyCodes() {
        let types: [SocketType] = [.pair, .pub, .sub, .req, .rep, .dealer, .router, .pull, .push, .pub, .sub]
        for (code, type) in types.enumerated() { #expect(SocketType(legacyCode: UInt8(code)) == type) }
        for code in UInt8(types.count)...255 { #expect(SocketType(legacyCode: code) == nil) }
        #expect([SocketType.xpub, .xsub, .push].map(\.legacyCode) == [1, 2, 8])
    }

    @Test("names are those on the wire") func names() {
        #expect(SocketType(rawValue: "XPUB") == .xpub)
        #expect(SocketType(rawValue: "xpub") == nil)
        #expect("\(SocketType.dealer)" == "DEALER")
    }
}
