// One side of a WebSocket that carries ZMTP 3.x frames: the opening handshake, and the translation in both directions.
// No descriptor and no clock.
//
//     prelude -> open -> closing
//
//   WS-16  A PING is answered with a PONG of the same payload. Of several that wait for an answer the last one gets it,
//          so that a peer that does not read cannot fill the memory.
//   WS-17  Control frames leave between two frames, ahead of those that wait.
//   WS-18  A Close is sent once, and nothing behind it. The peer's is answered with one.

/// The codec of one connection.
package final class WebSocketCodec: Prelude {
    private let settings: WebSocketSettings
    private let masks: WebSocketMasks?
    // One of the two.
    private var client: UpgradeClient?
    private var server: UpgradeServer?
    private var encoder: WebSocketEncoder
    private var decoder: WebSocketDecoder

    /// What has been decoded and has not been taken.
    private var decoded = BytePieces()
    /// What has arrived and has not been decoded.
    private var input: [UInt8] = []
    private var inputStart = 0

    /// What is to leave between two frames, ahead of them.
    private var control: [UInt8] = []
    private var pong: [UInt8]?
    /// Whether a Close is among it, or has left.
    private var sendsNoMore = false

    /// The side of a client.
    ///
    /// - Parameters:
    ///   - masks: the masks of its frames.
    ///   - nonce: 16 bytes that no other connection has.
    package init(client settings: WebSocketSettings, masks: WebSocketMasks, nonce: [UInt8]) {
        self.settings = settings
        self.masks = masks
        client = UpgradeClient(settings, nonce: nonce)
        encoder = WebSocketEncoder(masks: masks)
        decoder = Self.decoder(settings, .commands)
    }

    /// The side of a server.
    package init(server settings: WebSocketSettings) {
        self.settings = settings
        masks = nil
        server = UpgradeServer(settings)
        encoder = WebSocketEncoder(masks: nil)
        decoder = Self.decoder(settings, .commands)
    }

    private static func decoder(_ settings: WebSocketSettings, _ dialect: WebSocketDialect) -> WebSocketDecoder {
        WebSocketDecoder(
            expectsMask: settings.role == .server,
            takesText: dialect == .bare && settings.otherClients == .binaryAndText,
            // A command of the handshake may be larger than a message.
            limit: max(settings.maxMessageSize, Engine.Configuration.largestHandshakeCommand),
            identifies: dialect == .identities ? settings.socketType.compatibleTypes.first : nil
        )
    }

    // MARK: The opening handshake

    package func start() -> PreludeStep { client?.start() ?? server?.start() ?? .done }

    package func receive(_ bytes: [UInt8]) -> PreludeStep { client?.receive(bytes) ?? server?.receive(bytes) ?? .done }

    package func portion(of arrived: ArraySlice<UInt8>, wanted: Int) -> Int {
        client?.portion(of: arrived, wanted: wanted) ?? server?.portion(of: arrived, wanted: wanted) ?? wanted
    }

    /// The opening handshake is done: the rest is as it has been agreed on.
    package func begin() {
        let dialect = client?.dialect ?? server?.dialect ?? .commands
        (client, server) = (nil, nil)
        decoder = Self.decoder(settings, dialect)
        guard dialect != .commands else { return }
        encoder.dropsNext = true
        if dialect == .bare {
            if let type = settings.socketType.compatibleTypes.first {
                decoded.append(WebSocketAssembly.ready(of: type))
            }
            return
        }
        control += WebSocketHeader.frame(WebSocketHeader.binary, [0] + settings.identity, masks: masks)
    }

    // MARK: Decoding

    /// Where to read to, of room for so many bytes to be decoded into: behind so many; nil when there is too little.
    package func offset(in room: Int) -> Int? {
        if decoder.bodyRest >= room { return 0 }
        return room < 256 ? nil : WebSocketDecoder.growth(of: room)
    }

    /// Decodes what has been read to the end of the room, into its start; returns how many bytes that are. More may be
    /// kept.
    package func decode(_ arrived: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int {
        guard let start = room.baseAddress, !hasKept else {
            keep(arrived)
            return takeKept(into: room)
        }
        var frames = WebSocketDecoder.framesAtOnce
        let (consumed, produced, message) = decoder.decode(arrived, to: start, &frames)
        if let message { decoded.append(message) }
        if consumed < arrived.count {
            keep(UnsafeRawBufferPointer(rebasing: arrived[consumed...]))
            decodeKept(&frames)
        }
        answer()
        return produced > 0 ? produced : decoded.take(into: room)
    }

    /// Keeps what has arrived, to be decoded later.
    package func keep(_ arrived: UnsafeRawBufferPointer) {
        if !decoder.isOver { input += arrived }
    }

    /// Whether something is kept, decoded or not.
    package var hasKept: Bool { !decoded.isEmpty || inputStart < input.count }

    /// Takes what is kept, as much as there is room for, and as may be decoded in one go; returns how many bytes that
    /// are.
    package func takeKept(into room: UnsafeMutableRawBufferPointer) -> Int {
        if decoded.isEmpty {
            var frames = WebSocketDecoder.framesAtOnce
            decodeKept(&frames)
            answer()
        }
        return decoded.take(into: room)
    }

    private static let pieceSize = 16 * 1024

    /// Decodes in pieces, as long as frames may be decoded and there is no large message to be taken.
    private func decodeKept(_ frames: inout Int) {
        let room = Self.pieceSize + WebSocketDecoder.growth(of: Self.pieceSize)
        withUnsafeTemporaryAllocation(byteCount: room, alignment: 16) { room in
            guard let start = room.baseAddress else { return }
            while inputStart < input.count, frames > 0, decoded.count < BytePieces.pieceSize {
                let piece = input[inputStart...].prefix(Self.pieceSize)
                let (consumed, produced, message) = piece.withUnsafeBytes { decoder.decode($0, to: start, &frames) }
                inputStart += consumed
                guard decoded.append(UnsafeRawBufferPointer(rebasing: room[..<produced])) else {
                    return decoder.fail(.noMemory)
                }
                if let message { decoded.append(message) }
            }
        }
        if inputStart == input.count { (input, inputStart) = ([], 0) }
    }

    /// The bytes that are kept of messages. What has not been decoded is as much as one read has brought.
    package var heldBytes: Int { decoded.count + decoder.assembledBytes }

    /// Whether the peer's direction has ended: behind what has been decoded nothing follows.
    package var isOver: Bool { decoder.isOver }

    /// Why it has ended; nil for the usual reason.
    package var fault: WebSocketFault? { decoder.fault }

    /// Whether a PONG has arrived since the last call.
    package func takePong() -> Bool {
        defer { decoder.hasPong = false }
        return decoder.hasPong
    }

    // MARK: Encoding

    /// Whether frames may still be sent.
    package var takesFrames: Bool { !sendsNoMore }

    /// Encodes as much as there is room for; returns how many of the bytes have been taken, and how many written.
    package func encode(
        _ bytes: UnsafeRawBufferPointer,
        into room: UnsafeMutableRawBufferPointer
    ) -> (consumed: Int, produced: Int) {
        encoder.encode(bytes, into: room)
    }

    /// What is to leave now, ahead of what is encoded next; empty in the middle of a frame, and when there is nothing.
    package func takeControl() -> [UInt8] {
        guard encoder.isAtBoundary else { return [] }
        var taken = control
        control = []
        if !sendsNoMore || !taken.isEmpty, let pong {
            // In front of a Close.
            taken = WebSocketHeader.control(WebSocketHeader.Opcode.pong, pong, masks: masks) + taken
        }
        pong = nil
        return taken
    }

    /// Whether the current frame has to be completed before anything else can leave.
    package var isWithinFrame: Bool { !encoder.isAtBoundary }

    /// Asks the peer for a sign of life.
    package func ping() {
        guard !sendsNoMore else { return }
        control += WebSocketHeader.control(WebSocketHeader.Opcode.ping, [], masks: masks)
    }

    /// Ends the own direction.
    package func close(_ status: WebSocketStatus, _ reason: String = "") {
        guard !sendsNoMore else { return }
        sendsNoMore = true
        var payload: [UInt8] = []
        payload.appendBigEndian(status.rawValue)
        payload += reason.prefix(ofBytes: WebSocketHeader.controlLimit - 2)
        control += WebSocketHeader.control(WebSocketHeader.Opcode.close, payload, masks: masks)
    }

    /// Answers what has arrived.
    private func answer() {
        if let ping = decoder.takePing() { pong = ping }
        guard decoder.isOver else { return }
        close(fault?.status ?? .normal, fault.map { $0.kind == .closedByPeer ? "" : $0.message } ?? "")
    }
}

extension String {
    /// As much of the text as has no more than so many bytes, and ends with a whole scalar.
    fileprivate func prefix(ofBytes limit: Int) -> Substring.UTF8View {
        guard var end = utf8.index(startIndex, offsetBy: limit, limitedBy: endIndex) else { return self[...].utf8 }
        while end > startIndex, end < endIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return self[..<end].utf8
    }
}
