/// A message that is put together: one in fragments, a text, or an identity.
///
/// Its memory grows by what has arrived, never by what is announced.
struct WebSocketAssembly {
    enum Form {
        /// A byte of flags, and the body of a frame.
        case frame
        /// The body of a frame.
        case text
        /// 00 and the peer's identity, which becomes the READY of a peer of this type.
        case identity(SocketType)
    }

    private let form: Form
    private let limit: Int
    /// The first byte, where the form has flags.
    private var flags: UInt8?
    private var body = BytePieces()
    private var text = UTF8Check()

    /// - Parameter limit: the most bytes of a body.
    init(_ form: Form, limit: Int) {
        self.form = form
        if case .identity = form { self.limit = Peer.identityLimit } else { self.limit = limit }
    }

    private var isText: Bool { if case .text = form { true } else { false } }
    private var awaitsFlags: Bool { flags == nil && !isText }

    /// The bytes of the body that have arrived.
    var byteCount: Int { body.count }

    /// Checks that so many bytes may follow.
    func reserve(_ count: Int) throws(WebSocketFault) {
        guard count - (awaitsFlags ? 1 : 0) <= limit - body.count else { throw .tooLarge(limit: limit) }
    }

    mutating func append(
        _ part: UnsafeRawBufferPointer,
        _ mask: inout WebSocketMask,
        isMasked: Bool
    ) throws(WebSocketFault) {
        var part = part[...]
        if awaitsFlags {
            guard let first = part.popFirst() else { return }
            flags = isMasked ? mask.apply(to: first) : first
        }
        var (key, check, isUTF8) = (mask, text, true)
        let isText = isText
        let hasRoom = body.append(UnsafeRawBufferPointer(rebasing: part)) { part in
            if isMasked, let base = part.baseAddress { key.copy(base, to: base, count: part.count) }
            if isText { isUTF8 = isUTF8 && check.check(UnsafeRawBufferPointer(part)) }
        }
        (mask, text) = (key, check)
        guard hasRoom else { throw .noMemory }
        guard isUTF8 else { throw Self.notText }
    }

    private static var notText: WebSocketFault { .notText("a text message") }

    /// Makes a frame of ZMTP 3.x of the whole message.
    consuming func complete() throws(WebSocketFault) -> BytePieces {
        var frame = BytePieces()
        switch form {
        case .frame:
            guard let flags else { throw .malformed("a message has no flags") }
            guard flags <= 2 else { throw .malformed("a message has illegal flags (\(flags))") }
            frame.append(header(flags: flags == 2 ? FrameHeader.command : flags))
            frame.append(body)
        case .text:
            guard text.isComplete else { throw Self.notText }
            frame.append(header(flags: 0))
            frame.append(body)
        case .identity(let type):
            guard flags == 0 else { throw .malformed("the first message is not an identity") }
            frame.append(Self.ready(of: type, identity: body.takeAll()))
        }
        return frame
    }

    private func header(flags: UInt8) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: FrameHeader.longSize) { room, count in
            guard let base = room.baseAddress else { return }
            count = FrameHeader.write(flags: flags, bodySize: body.count, to: UnsafeMutableRawPointer(base))
        }
    }

    /// The READY of a peer without one.
    static func ready(of type: SocketType, identity: [UInt8] = []) -> [UInt8] {
        var properties = Metadata()
        properties.append(Metadata.socketType, Array(type.rawValue.utf8))
        if type.announcesIdentity { properties.append(Metadata.identity, identity) }
        var ready: [UInt8] = []
        Command.append("READY", dataSize: properties.encodedSize, to: &ready)
        properties.append(to: &ready)
        return ready
    }
}
