/// What a call of this library throws when it cannot do what was asked.
///
/// Only the caller's own requests end in an error: a bad endpoint, an option out of range, a verb out of turn, a
/// resource the system refuses. What a remote peer does wrong never surfaces here; it closes that peer's connection
/// and is reported as an event. "Would block" is a result, not an error.
///
/// Decide on ``code``; show ``description`` to people.
///
/// ```swift
/// do {
///     try socket.bind("tcp://*:5555")
/// } catch let error where error.code == .addressInUse {
///     print(error)  // EADDRINUSE: another socket is bound to this address (endpoint "tcp://*:5555")
/// }
/// ```
public struct ZMQError: Error, Hashable, Sendable {
    /// What kind of failure this is.
    public let code: Code

    /// One sentence that says what went wrong, without the endpoint or option it went wrong with.
    public let message: String

    /// The endpoint concerned, as the caller wrote it.
    public let endpoint: String?

    /// The name of the option concerned.
    public let option: String?

    /// Creates an error, for instance to throw one from a test double.
    public init(_ code: Code, _ message: String, endpoint: String? = nil, option: String? = nil) {
        self.code = code
        self.message = message
        self.endpoint = endpoint
        self.option = option
    }

    /// The classic errno name of ``code``, such as `EADDRINUSE`.
    public var errnoName: String { code.errnoName }
}

extension ZMQError: CustomStringConvertible {
    /// The errno name, the sentence, and what it is about, on one line.
    public var description: String {
        var text = "\(errnoName): \(message)"
        if let endpoint { text += " (endpoint \(endpoint.quoted))" }
        if let option { text += " (option \(option))" }
        return text
    }
}

extension ZMQError {
    /// The same error, about the endpoint as the caller has written it.
    func concerning(_ endpoint: String) -> ZMQError { ZMQError(code, message, endpoint: endpoint, option: option) }

    /// An endpoint that cannot be parsed, or cannot be used this way.
    static func badEndpoint(_ endpoint: String, _ reason: String) -> ZMQError {
        ZMQError(.invalidArgument, reason, endpoint: endpoint)
    }

    /// An option that was given a value it does not take.
    static func badOption(_ option: String, value: some CustomStringConvertible, expected: String) -> ZMQError {
        ZMQError(.invalidArgument, "\(option) cannot be \(value): expected \(expected)", option: option)
    }

    /// A system call that failed. `doing` completes the sentence "cannot …".
    static func system(_ errno: CInt, doing: String, endpoint: String? = nil) -> ZMQError {
        ZMQError(.system(errno), "cannot \(doing): \(Code.systemMessage(errno))", endpoint: endpoint)
    }

    /// A verb that the socket's state forbids at the moment.
    static func wrongState(_ message: String) -> ZMQError {
        ZMQError(.wrongState, message)
    }
}

extension String {
    /// The string in quotes, with control characters escaped so that an error stays on one line.
    var quoted: String {
        var text = "\""
        for scalar in unicodeScalars {
            text += scalar.value < 0x20 || scalar.value == 0x7F ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return text + "\""
    }
}
