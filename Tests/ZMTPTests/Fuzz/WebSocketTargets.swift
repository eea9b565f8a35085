import ZMQReactorTestSupport

@testable import ZMTP

/// The opening handshake: few steps that request few bytes, and a word for what is wrong.
///
/// Input: switches (1 the client's side, 2 other clients, 4 a list of origins, 8 CURVE); then the peer's bytes.
let fuzzUpgrade: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let switches = input.byte()
    var settings = WebSocketPeer.settings(switches & 1 != 0 ? .client : .server)
    settings.maxHeadSize = 1024
    settings.otherClients = switches & 2 != 0 ? .binary : .none
    settings.origins = switches & 4 != 0 ? ["https://example.org"] : nil
    settings.mechanism = switches & 8 != 0 ? "CURVE" : "NULL"
    let codec =
        switches & 1 != 0
        ? WebSocketCodec(
            client: settings,
            masks: WebSocketMasks { [UInt32](repeating: 1, count: $0) },
            nonce: Array("the sample nonce".utf8)
        ) : WebSocketCodec(server: settings)
    var answer: [UInt8] = []
    var step = codec.start()
    for _ in 0..<2000 {
        switch step {
        case .send(let bytes, let count):
            answer += bytes
            step = .read(count)
        case .read(let count):
            if count > 4 { return "wants \(count) bytes" }
            let piece = input.bytes(count)
            if piece.count < count { return nil }
            step = codec.receive(piece)
        case .done:
            if switches & 1 == 0, !answer.starts(with: "HTTP/1.1 101 ".utf8) { return "accepted without an answer" }
            codec.begin()
            return nil
        case .failed(let reason):
            if reason.isEmpty { return "failed without a word" }
            if switches & 1 == 0, !answer.starts(with: "HTTP/1.1 ".utf8) { return "refused without an answer" }
            if answer.starts(with: "HTTP/1.1 101 ".utf8) { return "accepted and refused" }
            return nil
        }
    }
    return "goes on and on"
}

/// What stands behind the opening handshake: the same bytes in one piece and split mean the same, and are frames of
/// ZMTP 3.x.
///
/// Input: switches (1 the client's side, 6 the dialect: commands, identities, bare, bare with text; 8 small room, 16 a
/// small limit), seed of the splits; then the peer's bytes.
let fuzzWebSocket: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let (switches, seed) = (input.byte(), input.byte())
    let dialect = Int(switches >> 1) & 3
    let session = Array(input.rest)
    func peer() -> WebSocketPeer {
        let isClient = switches & 1 != 0
        let protocols = dialect == 1 ? "ZWS2.0" : dialect == 0 || isClient ? "ZWS2.0/NULL" : nil
        let change = { (settings: inout WebSocketSettings) in
            settings.maxMessageSize = switches & 16 != 0 ? 100 : 1 << 20
            settings.otherClients = dialect == 3 ? .binaryAndText : .binary
        }
        let room = switches & 8 != 0 ? 60 : 4096
        return isClient
            ? .client(.dealer, protocols: protocols, room: room, change)
            : .server(.router, protocols: protocols, room: room, change)
    }
    var whole = peer()
    whole.feed(session)
    if let fault = faultOfFrames(whole.decoded) { return fault }
    if whole.decoded.count > session.count * 5 + 512 { return "\(whole.decoded.count) bytes decoded" }
    if whole.control.count > session.count * 2 + 512 { return "more answers than questions" }
    if whole.fault != nil, !whole.isOver { return "goes on behind a fault" }
    for pieces in Cuts.of(session.count, seed: seed) {
        var (cut, rest) = (peer(), session[...])
        for piece in pieces {
            cut.feed(rest.prefix(piece))
            rest = rest.dropFirst(piece)
        }
        if cut.fault != whole.fault || cut.isOver != whole.isOver {
            return "cut into \(pieces): \(String(describing: cut.fault)), not \(String(describing: whole.fault))"
        }
        // A body passes on as it arrives, also of a frame that is never whole.
        if cut.decoded != whole.decoded { return "cut into \(pieces): \(cut.decoded), not \(whole.decoded)" }
    }
    return nil
}

/// What is wrong with frames of ZMTP 3.x, of which the last may be incomplete; nil if nothing is.
private func faultOfFrames(_ bytes: [UInt8]) -> String? {
    bytes.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return nil }
        var offset = 0
        while offset < bytes.count {
            guard let decoded = try? FrameHeader.decode(base + offset, available: bytes.count - offset) else {
                return "an illegal frame at \(offset)"
            }
            guard case .header(let header) = decoded, header.bodySize <= bytes.count - offset - header.size else {
                return nil
            }
            offset += header.frameSize
        }
        return nil
    }
}
