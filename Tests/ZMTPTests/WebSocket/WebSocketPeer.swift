import ZMQReactorTestSupport

@testable import ZMTP

/// One side of a WebSocket, fed in pieces: what it decodes, sends and finds.
struct WebSocketPeer {
    private(set) var decoded: [UInt8] = []
    private(set) var fault: WebSocketFault?
    private(set) var isOver = false
    private(set) var pongs = 0
    /// What it has to say, without its prelude.
    private(set) var control: [UInt8] = []
    let codec: WebSocketCodec
    /// How much room there is for what is decoded, at a time.
    private let room: Int

    /// Behind the opening handshake.
    init(_ codec: WebSocketCodec, protocols: String? = "ZWS2.0/NULL", room: Int = 1 << 17) {
        (self.codec, self.room) = (codec, room)
        let prelude = codec
        var step = prelude.start()
        let request = WebSocketBytes.request(protocols: protocols)
        let name = protocols.map { "\r\nSec-WebSocket-Protocol: \($0)" } ?? ""
        let accepted =
            "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            + WebSocketBytes.acceptance + name + "\r\n\r\n"
        var input = request[...]
        while step != .done {
            switch step {
            case .send(let bytes, let count):
                if bytes.starts(with: "GET ".utf8) { input = Array(accepted.utf8)[...] }
                step = .read(count)
            case .read(let count):
                let piece = Array(input.prefix(count))
                input = input.dropFirst(count)
                step = prelude.receive(piece)
            case .failed(let reason): fatalError(reason)
            case .done: break
            }
        }
        codec.begin()
        control = codec.takeControl()
    }

    static func settings(
        _ role: WebSocketSettings.Role,
        _ type: SocketType = .pull,
        _ change: (inout WebSocketSettings) -> Void = { _ in }
    ) -> WebSocketSettings {
        var settings = WebSocketSettings(role, host: "h", path: "/", socketType: type)
        change(&settings)
        return settings
    }

    static func server(
        _ type: SocketType = .pull,
        protocols: String? = "ZWS2.0/NULL",
        room: Int = 1 << 17,
        _ change: (inout WebSocketSettings) -> Void = { _ in }
    ) -> WebSocketPeer {
        WebSocketPeer(WebSocketCodec(server: settings(.server, type, change)), protocols: protocols, room: room)
    }

    static func client(
        _ type: SocketType = .push,
        protocols: String? = "ZWS2.0/NULL",
        room: Int = 1 << 17,
        _ change: (inout WebSocketSettings) -> Void = { _ in }
    ) -> WebSocketPeer {
        let key = WebSocketBytes.mask.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        let codec = WebSocketCodec(
            client: settings(.client, type, change),
            masks: WebSocketMasks { [UInt32](repeating: key, count: $0) },
            nonce: Array("the sample nonce".utf8)
        )
        return WebSocketPeer(codec, protocols: protocols, room: room)
    }

    /// Gives it bytes, as a stream does: read into the room that they are decoded into.
    mutating func feed(_ bytes: some Collection<UInt8>) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            var memory = [UInt8](repeating: 0xEE, count: room)
            let (taken, produced) = memory.withUnsafeMutableBytes { memory in
                guard let offset = codec.offset(in: memory.count) else {
                    let piece = Array(rest.prefix(512))
                    piece.withUnsafeBytes { codec.keep($0) }
                    return (piece.count, 0)
                }
                let place = UnsafeMutableRawBufferPointer(rebasing: memory[offset...])
                let count = min(place.count, rest.count)
                place.copyBytes(from: rest.prefix(count))
                return (count, codec.decode(UnsafeRawBufferPointer(rebasing: place[..<count]), into: memory))
            }
            precondition(produced <= room, "decoded beyond the room")
            decoded += memory[..<produced]
            rest = rest.dropFirst(taken)
            while codec.hasKept {
                let count = memory.withUnsafeMutableBytes { codec.takeKept(into: $0) }
                decoded += memory[..<count]
            }
            control += codec.takeControl()
            if codec.takePong() { pongs += 1 }
        }
        (fault, isOver) = (codec.fault, codec.isOver)
    }

    /// Encodes the bytes in pieces, into rooms of this size.
    func encode(_ bytes: [UInt8], pieces: [Int] = [], room: Int = 4096) -> [UInt8] {
        var (output, rest) = ([] as [UInt8], bytes[...])
        for size in pieces + [rest.count] {
            var piece = Array(rest.prefix(size))[...]
            rest = rest.dropFirst(size)
            while !piece.isEmpty {
                var memory = [UInt8](repeating: 0, count: room)
                let (consumed, produced) = piece.withUnsafeBytes { piece in
                    memory.withUnsafeMutableBytes { codec.encode(piece, into: $0) }
                }
                output += memory[..<produced]
                piece = piece.dropFirst(consumed)
            }
        }
        return output
    }

    /// The control frames that it has sent, and its identity.
    var saying: [(first: UInt8, payload: [UInt8])] { WebSocketBytes.frames(in: control).frames }
}
