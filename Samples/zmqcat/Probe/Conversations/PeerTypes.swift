import ZMQReactor

/// Which socket types go together.
enum PeerTypes {
    /// The types that a peer of this type can be connected with; empty for an unknown one.
    static func compatible(with type: String) -> [String] { rows.first { $0.type == type }?.peers ?? [] }

    /// The type with which the probe can connect to a peer of this type; nil if there is none to which the peer would
    /// not send messages unasked, or for which it would not give up another peer.
    static func harmless(for type: String) -> String? { rows.first { $0.type == type }?.harmless }

    /// All types that the probe connects with, the most frequent ones first.
    static let offers = ["REQ", "SUB", "PUSH", "PUB", "CLIENT", "DISH", "RADIO", "SCATTER"]

    /// The types with which the probe does not connect to a peer, because it would send messages to it.
    static var talkative: [String] { rows.filter { $0.harmless == nil }.map(\.type) }

    /// Whether peers of this type say what they want.
    static func subscribes(_ type: String) -> Bool { ["SUB", "XSUB"].contains(type) }

    /// The type with a code in a greeting of ZMTP 2.0; nil for an unknown one.
    static func named(_ code: UInt8) -> String? { codes.indices.contains(Int(code)) ? codes[Int(code)] : nil }

    private static let codes = ["PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB"]

    private static let rows: [(type: String, peers: [String], harmless: String?)] = [
        ("REQ", ["REP", "ROUTER"], nil),
        ("REP", ["REQ", "DEALER"], "REQ"),
        ("DEALER", ["REP", "DEALER", "ROUTER"], nil),
        ("ROUTER", ["REQ", "DEALER", "ROUTER"], "REQ"),
        ("PUB", ["SUB", "XSUB"], "SUB"),
        ("SUB", ["PUB", "XPUB"], "PUB"),
        ("XPUB", ["SUB", "XSUB"], "SUB"),
        ("XSUB", ["PUB", "XPUB"], "PUB"),
        ("PUSH", ["PULL"], nil),
        ("PULL", ["PUSH"], "PUSH"),
        ("PAIR", ["PAIR"], nil),
        ("CLIENT", ["SERVER"], nil),
        ("SERVER", ["CLIENT"], "CLIENT"),
        ("RADIO", ["DISH"], "DISH"),
        ("DISH", ["RADIO"], "RADIO"),
        ("SCATTER", ["GATHER"], nil),
        ("GATHER", ["SCATTER"], "SCATTER"),
        ("PEER", ["PEER"], nil),
        ("CHANNEL", ["CHANNEL"], nil),
    ]
}
