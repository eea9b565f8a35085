import ZMQReactorTestSupport
import ZMTP

/// Reads what one side of a connection has written, independently of the engine: the messages, as long as the bytes are
/// protocol.
struct WireReader {
    /// The bodies of the frames of each whole message. A subscription is the message of that form, whichever it has.
    private(set) var messages: [[[UInt8]]] = []

    /// What is no protocol, or may be refused.
    private(set) var fault: String?

    /// How many messages come before that.
    private(set) var soundCount = 0

    /// Whether the bytes are those of ZMTP 1.0.
    private(set) var isVersion1 = false

    private let bytes: [UInt8]
    private var position = 0
    private var frames: [[UInt8]] = []
    private let takesSubscriptions: Bool

    /// - Parameters:
    ///   - bytes: all from the first one on.
    ///   - version: of the two sides' protocol; nil for the one that the bytes begin with.
    ///   - takesSubscriptions: whether the reading side is a publisher.
    init(_ bytes: [UInt8], version: ProtocolVersion? = nil, takesSubscriptions: Bool = false) {
        self.bytes = bytes
        self.takesSubscriptions = takesSubscriptions
        guard !bytes.isEmpty else { return }
        switch version ?? Self.version(of: bytes) {
        case .v1_0?: readVersion1()
        case .v2_0?: readVersion2()
        case .some: readVersion3()
        case nil: break
        }
        if fault == nil { soundCount = messages.count }
    }

    private static func version(of bytes: [UInt8]) -> ProtocolVersion? {
        guard bytes[0] == 0xFF else { return .v1_0 }
        guard bytes.count > 9 else { return nil }
        guard bytes[9] & 1 == 1 else { return .v1_0 }
        guard bytes.count > 10 else { return nil }
        return bytes[10] < 3 ? .v2_0 : .v3_1
    }

    private mutating func fail(_ text: String) {
        guard fault == nil else { return }
        fault = "\(text) at \(position)"
        soundCount = messages.count
    }

    private func number(at offset: Int) -> Int? {
        guard offset + 8 <= bytes.count else { return nil }
        let value = bytes[offset..<offset + 8].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return Int(exactly: value)
    }

    private mutating func add(_ body: [UInt8], more: Bool) {
        frames.append(body)
        // Far below the limits of a socket.
        if frames.count > 400 { fail("a message of many frames") }
        guard !more else { return }
        messages.append(takesSubscriptions && (frames[0].first ?? 2) < 2 ? [frames[0]] : frames)
        frames = []
    }

    // MARK: 1.0

    private mutating func readVersion1() {
        isVersion1 = true
        // The first frame is the identity. The signature is one, of any flags.
        var isFirst = true
        while position < bytes.count {
            let first = bytes[position]
            guard first > 0 else {
                if isFirst { return fail("no identity") }
                position += 1
                continue
            }
            let header = first < 0xFF ? 2 : 10
            guard position + header <= bytes.count else { return }
            guard let length = first < 0xFF ? Int(first) : number(at: position + 1), length > 0 else {
                return fail("a length of 1.0")
            }
            let flags = bytes[position + header - 1]
            guard isFirst || flags <= 1 else { return fail("flags of 1.0") }
            guard length - 1 <= bytes.count - position - header else { return }
            let body = Array(bytes[(position + header)..<(position + header + length - 1)])
            position += header + body.count
            if isFirst { isFirst = false } else { add(body, more: flags & 1 == 1) }
        }
    }

    // MARK: 2.0 and 3.x

    private mutating func readVersion2() {
        position = 12
        guard let identity = nextFrame() else { return }
        guard identity.flags == 0 else { return fail("flags of an identity") }
        readFrames(hasCommands: false)
    }

    private mutating func readVersion3() {
        position = 64
        guard let ready = nextFrame() else { return }
        guard ready.flags & 4 != 0 else { return fail("no READY") }
        guard ready.body.starts(with: [5] + "READY".utf8) else { return fail("another command than READY") }
        readFrames(hasCommands: true)
    }

    private mutating func nextFrame() -> (flags: UInt8, body: [UInt8])? {
        guard position < bytes.count, fault == nil else { return nil }
        let flags = bytes[position]
        guard flags <= 6, flags & 5 != 5 else {
            fail("flags \(flags)")
            return nil
        }
        let header = flags & 2 == 0 ? 2 : 9
        guard position + header <= bytes.count else { return nil }
        guard let size = header == 2 ? Int(bytes[position + 1]) : number(at: position + 1) else {
            fail("a size")
            return nil
        }
        guard size <= bytes.count - position - header else { return nil }
        let start = position + header
        position = start + size
        return (flags & 5, Array(bytes[start..<start + size]))
    }

    private mutating func readFrames(hasCommands: Bool) {
        while let frame = nextFrame() {
            if frame.flags & 4 == 0 {
                add(frame.body, more: frame.flags & 1 == 1)
            } else if hasCommands {
                take(command: frame.body)
            } else {
                fail("a command of 2.0")
            }
        }
    }

    private mutating func take(command: [UInt8]) {
        guard let size = command.first.map(Int.init), size > 0, size < command.count else {
            return fail("a command without a name")
        }
        let name = String(decoding: command[1...size], as: UTF8.self)
        let data = Array(command[(1 + size)...])
        switch name {
        case "PING": if !(2...18).contains(data.count) { fail("a PING of \(data.count) bytes") }
        case "PONG": if data.count > 16 { fail("a PONG of \(data.count) bytes") }
        case "ERROR": fail("ERROR")
        case "SUBSCRIBE" where takesSubscriptions, "CANCEL" where takesSubscriptions:
            if !frames.isEmpty { return fail("a subscription in a message") }
            messages.append([[name == "CANCEL" ? 0 : 1] + data])
        default: break
        }
    }
}
