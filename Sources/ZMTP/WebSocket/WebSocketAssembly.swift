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
    /// Room for a header, and what has arrived.
    private var bytes: [UInt8]

    private static let headerRoom = FrameHeader.longSize

    /// - Parameter limit: the most bytes of a body.
    init(_ form: Form, limit: Int) {
        self.form = form
        if case .identity = form { self.limit = Peer.identityLimit } else { self.limit = limit }
        bytes = [UInt8](repeating: 0, count: Self.headerRoom)
    }

    /// The bytes that have arrived.
    var byteCount: Int { bytes.count - Self.headerRoom }

    /// Checks that so many bytes may follow.
    func reserve(_ count: Int) throws(WebSocketFault) {
        // One byte is the flags.
        guard count <= limit.addingSaturated(1) - (bytes.count - Self.headerRoom) else {
            throw .tooLarge(limit: limit)
        }
    }

    mutating func append(
        _ part: UnsafeRawBufferPointer,
        _ mask: inout WebSocketMask,
        isMasked: Bool
    ) throws(WebSocketFault) {
        let start = bytes.count
        let needed = start + part.count
        guard needed <= bytes.capacity || Memory.isAvailable(2 * needed) else { throw .noMemory }
        bytes.append(contentsOf: part)
        guard isMasked else { return }
        bytes.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            mask.copy(base + start, to: base + start, count: bytes.count - start)
        }
    }

    /// Makes a frame of ZMTP 3.x of the whole message.
    mutating func complete() throws(WebSocketFault) {
        let payload = bytes.count - Self.headerRoom
        switch form {
        case .frame:
            guard payload > 0 else { throw .malformed("a message has no flags") }
            let flags = bytes[Self.headerRoom]
            guard flags <= 2 else { throw .malformed("a message has illegal flags (\(flags))") }
            writeHeader(flags: flags == 2 ? FrameHeader.command : flags, bodySize: payload - 1)
        case .text:
            guard bytes[Self.headerRoom...].isUTF8 else { throw .notText("a text message") }
            writeHeader(flags: 0, bodySize: payload)
        case .identity(let type):
            guard payload > 0, bytes[Self.headerRoom] == 0 else {
                throw .malformed("the first message is not an identity")
            }
            start = 0
            bytes = Self.ready(of: type, identity: Array(bytes[(Self.headerRoom + 1)...]))
        }
    }

    /// Where the frame begins in `content`.
    private(set) var start = 0

    private mutating func writeHeader(flags: UInt8, bodySize: Int) {
        start = bytes.count - bodySize - FrameHeader.size(forBody: bodySize)
        let start = start
        bytes.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            FrameHeader.write(flags: flags, bodySize: bodySize, to: base + start)
        }
    }

    /// What a complete message consists of, from `start` on.
    var content: [UInt8] { bytes }

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

extension ArraySlice<UInt8> {
    /// Whether the bytes are UTF-8. Allocates nothing.
    fileprivate var isUTF8: Bool {
        var parser = Unicode.UTF8.ForwardParser()
        var bytes = makeIterator()
        while true {
            switch parser.parseScalar(from: &bytes) {
            case .valid: continue
            case .emptyInput: return true
            case .error: return false
            }
        }
    }
}
