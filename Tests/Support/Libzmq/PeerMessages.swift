/// One line to `Tests/Peers/peer.py`: an operation and its arguments. Nil values are omitted.
struct PeerCommand: Encodable, Sendable {
    var id = 0
    var socket = 0
    let operation: String

    var type: String?
    var options: [PeerOption]?
    var monitored: Bool?
    var name: String?
    var endpoint: String?
    var message: [PeerFrame]?
    var prefix: [PeerFrame]?
    var until: Until?
    var stream: Int?
    var first: First?
    var count: Int?
    var size: Int?
    var limit: Limit?
    var backend: Int?
    var linger: Int?
    var denied: [String]?
    var passwords: [String: String]?
    var keys: [String]?
    /// Milliseconds.
    var timeout: Int?
    var duration: Int?

    typealias Until = Nullable<[PeerFrame]>
    typealias First = Nullable<Int>
    typealias Limit = Nullable<Int>

    init(_ operation: String) { self.operation = operation }
}

/// An argument that may be `null`, which is not the same as omitted.
struct Nullable<Value: Encodable & Sendable>: Encodable, Sendable {
    let value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

/// One line from the peer.
struct PeerAnswer: Decodable, Sendable {
    let id: Int
    let error: String?
    let errno: String?
    let traceback: String?
    let endpoint: String?
    let integer: Int?
    let hex: String?
    let messages: [[String]]?
    let streams: [String: Int]?
}

/// An operation that libzmq or the peer program refused.
public struct PeerFailure: Error, CustomStringConvertible {
    /// libzmq's name of the error, such as `EADDRINUSE` or `EFSM`; nil when the peer program itself raised it.
    public let errno: String?
    public let description: String
}
