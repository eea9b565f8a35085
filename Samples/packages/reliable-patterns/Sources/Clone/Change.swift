import ZMQReactor

/// A change of one value: a KVSET, KVPUB or KVSYNC command of the Clustered Hashmap Protocol (RFC 12). All three have
/// the same form.
public struct Change: Sendable, Equatable {
    public var key: String
    /// The number that the server has given the change. Zero in a KVSET.
    public var sequence: UInt64
    /// Identifies the change, so that the server applies it once. Nil in a KVSYNC.
    public var id: ChangeID?
    /// Lines of the form `name=value`.
    public var properties = ""
    /// An empty value deletes the key.
    public var value: [UInt8]

    public init(key: String, sequence: UInt64 = 0, id: ChangeID? = nil, value: [UInt8]) {
        self.key = key
        self.sequence = sequence
        self.id = id
        self.value = value
    }

    /// Nil if the message is not a change.
    init?(_ message: Message) {
        guard message.count == 5, let key = message.frame(0), !key.isEmpty, !ServerCommand.isReserved(key),
            let sequence = message.frame(1)?.integer(as: UInt64.self), let id = message.frame(2),
            id.isEmpty || id.count == ChangeID.size, let properties = message.frame(3), let value = message.frame(4)
        else { return nil }
        self.init(key: key.string, sequence: sequence, id: ChangeID(id), value: [UInt8](value))
        self.properties = properties.string
    }

    var message: Message {
        [Frame(key), Frame(integer: sequence), id?.frame ?? Frame(), Frame(properties), Frame(value)]
    }
}

/// The 16 bytes that identify a change. Random, so that no two clients choose the same.
public struct ChangeID: Sendable, Hashable {
    static let size = 16

    let high: UInt64
    let low: UInt64

    init() {
        high = .random(in: 0...UInt64.max)
        low = .random(in: 0...UInt64.max)
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Nil unless the frame has the right size.
    init?(_ frame: Frame) {
        guard frame.count == Self.size else { return nil }
        func integer(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(high: integer(frame.prefix(8)), low: integer(frame.dropFirst(8)))
    }

    var frame: Frame { Frame([UInt8](Frame(integer: high)) + [UInt8](Frame(integer: low))) }
}
