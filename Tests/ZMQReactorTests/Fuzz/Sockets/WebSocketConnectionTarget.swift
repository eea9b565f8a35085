import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

/// The same frames over a WebSocket and without one: a socket of any type receives the same messages, however the frames
/// are fragmented, whatever stands between them, and however the bytes are split.
///
/// Header of an input: socket type, switches (1 a handler), seed of the splits. Then frames: a byte (1 more follows, 2 in
/// two fragments, 4 a PING in front, 8 the body is twenty times as long, the rest its length), and the body.
let fuzzWebSocketConnection: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let type = input.choice(TargetSocket.types.filter { $0 != .stream })
    let (hasHandler, seed) = (input.byte() & 1 != 0, input.byte())
    guard let peer = type.compatibleTypes.first else { return nil }
    let ready = Wire.ready("\(peer)", identity: [7])
    var plain = Wire.greeting() + ready
    var framed = WebSocketBytes.request() + WebSocketBytes.message(2, Array(ready.dropFirst(2)))
    while !input.rest.isEmpty {
        let header = input.byte()
        let body = input.bytes(Int(header >> 4) * (header & 8 != 0 ? 20 : 1))
        plain += Wire.frame(flags: header & 1, body)
        let payload = [header & 1] + body
        if header & 4 != 0 { framed += WebSocketBytes.frame(9, [header]) }
        if header & 2 != 0 {
            let middle = payload.count / 2
            framed += WebSocketBytes.frame(2, Array(payload[..<middle]), isFinal: false) + WebSocketBytes.frame(10, [])
            framed += WebSocketBytes.frame(0, Array(payload[middle...]))
        } else {
            framed += WebSocketBytes.frame(2, payload)
        }
    }
    func pass(_ session: [UInt8], _ pieces: [Int], at endpoint: String) -> (WebSocketOutcome?, fault: String?) {
        var outcome: WebSocketOutcome?
        let fault = TargetScene.run { scene in
            let target = try TargetSocket(
                type,
                scene,
                connects: false,
                hasHandler: hasHandler,
                SocketOptions(),
                at: endpoint
            )
            guard let peer = target.peer else { return "there is no connection" }
            // A request, so that there may be a reply.
            if type == .req { target.send(size: 1) }
            peer.toSocket.readSizes = pieces
            peer.say(session)
            target.finish()
            let fault = target.leave()
            outcome = WebSocketOutcome(messages: target.received, peers: target.peerTypes, ends: target.ends.count)
            return fault ?? target.close()
        }
        return (outcome, fault)
    }
    let (expected, fault) = pass(plain, [], at: "memory://target")
    if let fault { return "plain: \(fault)" }
    for pieces in [[]] + Cuts.of(framed.count, seed: seed) {
        let (found, fault) = pass(framed, pieces, at: "memory://target+ws")
        if let fault { return "cut into \(pieces): \(fault)" }
        if found != expected {
            return "cut into \(pieces): \(String(describing: found)), not \(String(describing: expected))"
        }
    }
    return nil
}

private struct WebSocketOutcome: Equatable {
    var messages: [[[UInt8]]]
    var peers: [SocketType]
    var ends: Int
}
