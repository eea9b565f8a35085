import ZMTP

/// The error that calls of this library throw.
///
/// Only the caller's own requests end in an error: an invalid endpoint, an option out of range, a call out of turn, a
/// resource that the system denies. The faults of a remote peer never do; they close that peer's connection and are
/// reported as events. "Would block" is a result, not an error.
///
/// Switch on ``code``; show ``description`` to people.
///
/// ```swift
/// do {
///     try socket.bind("tcp://*:5555")
/// } catch let error where error.code == .addressInUse {
///     print(error)  // EADDRINUSE: another socket is bound to this address (endpoint "tcp://*:5555")
/// }
/// ```
public struct ZMQError: Error, Hashable, Sendable {
    /// The kind of the error.
    public let code: Code

    /// One sentence that says what went wrong, without the endpoint or option.
    public let message: String

    /// The endpoint, as the caller wrote it.
    public let endpoint: String?

    /// The name of the option.
    public let option: String?

    /// Creates an error, for example to throw it from a test double.
    public init(_ code: Code, _ message: String, endpoint: String? = nil, option: String? = nil) {
        self.code = code
        self.message = message
        self.endpoint = endpoint
        self.option = option
    }

    /// The symbolic errno name of ``code``, such as `EADDRINUSE`.
    public var errnoName: String { code.errnoName }
}

extension ZMQError: CustomStringConvertible {
    /// The errno name, the message, and the endpoint or option, on one line.
    public var description: String {
        var text = "\(errnoName): \(message)"
        if let endpoint { text += " (endpoint \(endpoint.quoted))" }
        if let option { text += " (option \(option))" }
        return text
    }
}

extension ZMQError {
    /// The same error, with the endpoint as the caller wrote it.
    func concerning(_ endpoint: String) -> ZMQError { ZMQError(code, message, endpoint: endpoint, option: option) }

    /// An endpoint that cannot be parsed, or cannot be used this way.
    static func badEndpoint(_ endpoint: String, _ reason: String) -> ZMQError {
        ZMQError(.invalidArgument, reason, endpoint: endpoint)
    }

    /// An option with a value that it does not accept.
    static func badOption(_ option: String, value: some CustomStringConvertible, expected: String) -> ZMQError {
        ZMQError(.invalidArgument, "\(option) must be \(expected), not \(value)", option: option)
    }

    /// A system call that failed. `doing` completes the sentence "cannot …".
    static func system(_ errno: CInt, doing: String, endpoint: String? = nil) -> ZMQError {
        ZMQError(.system(errno), "cannot \(doing): \(Code.systemMessage(errno))", endpoint: endpoint)
    }

    /// A call that the socket's state does not allow.
    static func wrongState(_ message: String) -> ZMQError {
        ZMQError(.wrongState, message)
    }

    /// A message for a peer that is not there.
    static var noPeerHasRoutingID: ZMQError { ZMQError(.hostUnreachable, "no peer has this routing id") }

    /// A message with a number of frames that a type does not send (TS-2).
    ///
    /// - Parameter frames: what two frames would be; nil if there may be only one.
    static func wrongFrames(_ count: Int, for type: SocketType, _ frames: String? = nil) -> ZMQError {
        let right = frames.map { "two frames, \($0)" } ?? "one frame"
        return ZMQError(.invalidArgument, "a message of a \(type) socket has \(right), and this one has \(count)")
    }
}

extension String {
    /// The string in quotes, with control characters escaped so that an error stays on one line.
    var quoted: String { "\"\(escaped)\"" }

    /// The string with control characters and line separators escaped, so that it does not look like several lines of a
    /// log.
    var escaped: String {
        unicodeScalars.reduce(into: "") { $0 += $1.isControl ? $1.escaped(asASCII: true) : String($1) }
    }
}

extension Unicode.Scalar {
    /// Whether it is no part of one line of text.
    fileprivate var isControl: Bool {
        value < 0x20 || (0x7F..<0xA0).contains(value) || value == 0x2028 || value == 0x2029
    }
}
