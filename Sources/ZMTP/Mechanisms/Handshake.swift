// The handshakes of the mechanisms. Each is a state machine in a file of its own, which receives the peer's commands
// and appends its own to the output until it knows the peer.
//
// A handshake is consumed by each step, and the step carries the one that follows: a state that is forgotten does not
// compile. One that waits for a verdict is of another type, which has no way to receive a command, so that nothing is
// parsed while the application decides.
//
//   CM-1  A command that is not the mechanism's next one is an error.

/// The current handshake.
enum Handshake: ~Copyable {
    case null(NullHandshake)
    case plainClient(PlainClient)
    case plainServer(PlainServer)
    #if Curve
        case curveClient(CurveClient)
        case curveServer(CurveServer)
    #endif

    /// The result of a command or a verdict.
    enum Step: ~Copyable {
        /// The handshake continues in this state.
        case next(Handshake)
        /// It continues when the application has decided.
        case wait(PresentedCredentials, UndecidedHandshake)
        /// It is complete, with this peer. From now on everything passes through the transform, if there is one.
        case done(Peer, (any MessageTransform)? = nil)
    }

    /// Handles the body of the peer's next command.
    consuming func receive(
        _ body: UnsafeRawBufferPointer,
        output: inout [UInt8]
    ) throws(ProtocolError) -> Step {
        switch consume self {
        case .null(let handshake): try handshake.receive(Command(body: body), output: &output)
        case .plainClient(let handshake): try handshake.receive(body, output: &output)
        case .plainServer(let handshake): try handshake.receive(Command(body: body), output: &output)
        #if Curve
            case .curveClient(let handshake): try handshake.receive(Command(body: body), output: &output)
            case .curveServer(let handshake): try handshake.receive(Command(body: body), output: &output)
        #endif
        }
    }
}

/// A handshake that waits for the application's verdict on the peer.
enum UndecidedHandshake: ~Copyable {
    case null(NullHandshake.Undecided)
    case plainServer(PlainServer.Undecided)
    #if Curve
        case curveServer(CurveServer.Undecided)
    #endif

    /// Continues with the verdict.
    consuming func decide(_ verdict: Verdict, output: inout [UInt8]) throws(ProtocolError) -> Handshake.Step {
        guard case .accepted(let acceptance) = verdict else {
            guard case .refused(let refusal, let text) = verdict else { throw .notAuthenticated(.internalError) }
            throw refusal.end(&output, text)
        }
        return switch consume self {
        case .null(let handshake): try handshake.accept(acceptance, output: &output)
        case .plainServer(let handshake): handshake.accept(acceptance, output: &output)
        #if Curve
            case .curveServer(let handshake): try handshake.accept(acceptance, output: &output)
        #endif
        }
    }
}
