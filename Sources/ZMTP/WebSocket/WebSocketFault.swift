/// Why a WebSocket ends.
package struct WebSocketFault: Error, Equatable, Sendable {
    /// The kinds of fault.
    package enum Kind: Sendable {
        case protocolError
        /// A message exceeds the limit.
        case tooLarge
        case noMemory
        /// The peer has ended it, and says that something was wrong.
        case closedByPeer
    }

    package let kind: Kind
    /// The status of the Close frame to the peer (RFC 6455, section 7.4).
    package let status: WebSocketStatus
    /// A sentence that describes it.
    package let message: String

    private init(_ kind: Kind, _ status: WebSocketStatus, _ message: String) {
        (self.kind, self.status, self.message) = (kind, status, message)
    }

    static func malformed(_ what: String) -> Self {
        Self(.protocolError, .protocolError, "a malformed WebSocket frame: \(what)")
    }

    static var text: Self {
        Self(.protocolError, .unsupportedData, "the peer sent a text message; ZWS 2.0 has binary ones")
    }

    static func notText(_ what: String) -> Self { Self(.protocolError, .invalidPayload, "\(what) is not UTF-8") }

    static func tooLarge(limit: Int) -> Self {
        Self(.tooLarge, .tooLarge, "a message from the peer exceeds the limit of \(limit) bytes")
    }

    static var noMemory: Self { Self(.noMemory, .tooLarge, "no memory for what the peer sends") }

    static func closed(_ status: UInt16, _ reason: String) -> Self {
        let reason = reason.isEmpty ? "" : ": \(printable(reason.utf8.prefix(123)))"
        return Self(.closedByPeer, .normal, "the peer closed the WebSocket with status \(status)\(reason)")
    }
}

/// The statuses with which this side ends a WebSocket.
package enum WebSocketStatus: UInt16, Sendable {
    case normal = 1000
    case goingAway = 1001
    case protocolError = 1002
    case unsupportedData = 1003
    case invalidPayload = 1007
    case policyViolation = 1008
    case tooLarge = 1009

    /// Whether a peer may send this number (RFC 6455, section 7.4, and the registry of IANA).
    static func isLegal(_ status: UInt16) -> Bool {
        switch status {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
