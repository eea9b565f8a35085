import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

/// A whole connection, from the bytes of its stream to the messages of a socket of any type: however they are split, it
/// receives the same messages, which are those of the bytes, and the connection ends for the same reason.
///
/// Header of an input: socket type, switches, seed of the splits; then the peer's bytes.
///
///     switches   1  connecting        6  largest message: any, 1, 15 or 300
///                8  a receive limit of 2 messages
///               16  the handshake is part of the input
///               32  a handler
///              192  version of the peer: 3.1, 3.0, 2.0 or 1.0
let fuzzConnection: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let type = input.choice(TargetSocket.types)
    let switches = input.byte()
    let seed = input.byte()
    let version: ProtocolVersion = [.v3_1, .v3_0, .v2_0, .v1_0][Int(switches >> 6)]
    var session: [UInt8] = []
    if switches & 16 == 0, let peer = type.compatibleTypes.first {
        guard let handshake = TargetPeer.handshake(as: peer, version, identity: 7) else { return nil }
        session = handshake
    }
    session += input.rest
    var whole: Outcome?
    for pieces in [[]] + Cuts.of(session.count, seed: seed) {
        let how = pieces.isEmpty ? "whole" : "cut into \(pieces)"
        var outcome: Outcome?
        let fault = TargetScene.run { scene in
            let target = try TargetSocket(
                type,
                scene,
                connects: switches & 1 != 0,
                hasHandler: switches & 32 != 0,
                options(switches)
            )
            let fault = pass(session, pieces, target)
            outcome = Outcome(target)
            return fault ?? lost(session, target, isUnlimited: switches & 6 == 0) ?? target.close()
        }
        if let fault { return "\(how): \(fault)" }
        guard let first = whole else {
            whole = outcome
            continue
        }
        if let outcome, outcome != first { return "\(how): \(outcome); whole: \(first)" }
    }
    return nil
}

private func options(_ switches: UInt8) -> SocketOptions {
    var options = SocketOptions()
    options.maxMessageSize = [Int.max, 1, 15, 300][Int(switches >> 1) & 3]
    if switches & 8 != 0 { options.receiveHighWaterMark = 2 }
    return options
}

/// What a connection makes of a peer's bytes.
private struct Outcome: Equatable {
    var messages: [[[UInt8]]]
    var peers: [SocketType]
    var ends: [String]

    init(_ target: TargetSocket) {
        // Raw bytes are as many messages as there are reads.
        messages = target.type == .stream ? [[target.received.joined().flatMap(\.self)]] : target.received
        (peers, ends) = (target.peerTypes, target.ends)
    }
}

/// The peer says all, in so many bytes for each read, and goes.
private func pass(_ session: [UInt8], _ pieces: [Int], _ target: TargetSocket) -> String? {
    guard let peer = target.peer else { return "there is no connection" }
    target.scene.network.onConnect = { _ in .refused }
    // A request, so that there may be a reply.
    if target.type == .req { target.send(size: 1) }
    peer.toSocket.readSizes = pieces
    peer.say(session)
    target.finish()
    return target.leave()
}

/// Whether what has been received is what the bytes say.
private func lost(_ session: [UInt8], _ target: TargetSocket, isUnlimited: Bool) -> String? {
    guard target.type != .stream else {
        let received = target.received.joined().flatMap(\.self)
        return received == session ? nil : "\(received.count) of \(session.count) raw bytes have been received"
    }
    let reader = WireReader(session, takesSubscriptions: target.type.takesSubscriptions)
    if let fault = ExpectedMessages.of(target.type, [reader]).fault(in: target.received) { return fault }
    // Other types select.
    guard isUnlimited, !target.peerTypes.isEmpty, [.pull, .dealer, .pair, .sub, .xsub].contains(target.type) else {
        return nil
    }
    let sound = reader.messages.prefix(reader.soundCount)
    return target.received.starts(with: sound)
        ? nil : "received \(target.received), but \(sound.count) were sent: \(sound)"
}
