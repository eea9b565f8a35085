// The NULL mechanism: READY against READY.
//
//   N-1  To a 3.0 peer, READY is sent before the peer's has arrived.
//   N-2  With a 3.1 peer the binder is the server: it replies to READY with READY or ERROR.
//   N-3  The connecting side never waits.
//   N-4  Messages follow only when READY has been sent and received.
//   N-5  A peer of an incompatible type receives an ERROR, whichever side notices.
//   N-6  The peer's READY ends the handshake, so that a second one, or an ERROR, is traffic.
//   N-7  ERROR ends the connection, and is reported apart from other failures.
//   Z-7  If the application decides about peers, it does so when the peer's READY has arrived. A binder's own READY
//        waits for the verdict.

/// One NULL handshake.
struct NullHandshake: ~Copyable {
    private let profile: HandshakeProfile
    private let authenticates: Bool
    private let owesReady: Bool

    /// Starts: sends READY unless this side may reply to the peer's.
    init(_ profile: HandshakeProfile, authenticates: Bool, output: inout [UInt8]) {
        self.profile = profile
        self.authenticates = authenticates
        owesReady = profile.binderReplies
        if !owesReady { profile.append("READY", to: &output) }
    }

    /// Handles the peer's command: its READY or ERROR.
    consuming func receive(_ command: Command, output: inout [UInt8]) throws(ProtocolError) -> Handshake.Step {
        switch command.name {
        case .ready:
            let metadata = try profile.metadata(command.data)
            let peer = try profile.peerOrError(metadata, output: &output)
            guard authenticates else {
                if owesReady { profile.append("READY", to: &output) }
                return .done(peer)
            }
            let undecided = Undecided(profile: profile, metadata: metadata, owesReady: owesReady)
            return .wait(PresentedCredentials(.null, metadata: metadata), .null(undecided))
        case .error:
            throw .refused(reason: try ErrorCommand.reason(command.data))
        default:
            throw .unexpectedCommand(command.printableName)
        }
    }

    /// The peer's READY has arrived, and the application has not decided yet.
    struct Undecided: ~Copyable {
        fileprivate let profile: HandshakeProfile
        fileprivate let metadata: Metadata
        fileprivate let owesReady: Bool

        /// Completes the handshake.
        consuming func accept(
            _ acceptance: Acceptance,
            output: inout [UInt8]
        ) throws(ProtocolError) -> Handshake.Step {
            let peer = try profile.peer(metadata, acceptance)
            if owesReady { profile.append("READY", to: &output) }
            return .done(peer)
        }
    }
}
