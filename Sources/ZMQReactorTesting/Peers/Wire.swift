/// The bytes of ZMTP, written independently of the engine: what a test sends by a ``RawPeer``, and what it expects
/// there.
///
/// The bytes are those of ZMTP 3.0 and 3.1, see https://rfc.zeromq.org/spec/37; ``message1(_:long:)-([[UInt8]],_)`` and
/// its neighbours have the older ones.
public enum Wire {
    /// The greeting: 64 bytes.
    ///
    /// - Parameters:
    ///   - major: the version.
    ///   - minor: the revision.
    ///   - mechanism: the name of the security mechanism, at most 20 bytes.
    public static func greeting(major: UInt8 = 3, minor: UInt8 = 1, mechanism: String = "NULL") -> [UInt8] {
        [0xFF] + zeros(8) + [0x7F, major, minor] + Array(mechanism.utf8) + zeros(20 - mechanism.utf8.count) + zeros(32)
    }

    /// So many zeros.
    public static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    /// A number in network order.
    ///
    /// - Parameters:
    ///   - value: the number.
    ///   - bytes: how many bytes it takes.
    public static func bigEndian(_ value: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    /// A frame: 1 in the flags says that others follow, 4 that it is a command.
    ///
    /// - Parameters:
    ///   - flags: without the one of a long frame.
    ///   - body: what the frame holds.
    ///   - long: whether the size takes 8 bytes; nil for what the size of the body requires.
    public static func frame(flags: UInt8, _ body: [UInt8], long: Bool? = nil) -> [UInt8] {
        long ?? (body.count > 255)
            ? [flags | 2] + bigEndian(body.count, bytes: 8) + body : [flags, UInt8(body.count)] + body
    }

    /// A message of these frames.
    public static func message(_ frames: [[UInt8]], long: Bool? = nil) -> [UInt8] {
        frames.enumerated().flatMap { frame(flags: $0 < frames.count - 1 ? 1 : 0, $1, long: long) }
    }

    /// A message of these frames.
    public static func message(_ frames: String...) -> [UInt8] { message(frames.map { Array($0.utf8) }) }

    /// A message of these frames.
    public static func message(_ frames: [UInt8]...) -> [UInt8] { message(frames) }

    /// A frame whose size takes 8 bytes, whatever it is.
    ///
    /// - Parameters:
    ///   - body: what the frame holds.
    ///   - isLast: whether no others follow.
    public static func longFrame(_ body: [UInt8], isLast: Bool = true) -> [UInt8] {
        frame(flags: isLast ? 0 : 1, body, long: true)
    }

    /// A command.
    public static func command(_ name: String, _ data: [UInt8] = [], long: Bool? = nil) -> [UInt8] {
        frame(flags: 4, [UInt8(name.utf8.count)] + Array(name.utf8) + data, long: long)
    }

    /// A property of the metadata of a READY command.
    public static func property(_ name: String, _ value: [UInt8]) -> [UInt8] {
        [UInt8(name.utf8.count)] + Array(name.utf8) + bigEndian(value.count, bytes: 4) + value
    }

    /// A property of the metadata of a READY command.
    public static func property(_ name: String, _ value: String) -> [UInt8] { property(name, Array(value.utf8)) }

    /// The READY command of a socket.
    ///
    /// - Parameters:
    ///   - type: as on the wire: `PUSH`, `SUB`, …
    ///   - identity: its routing id; nil for no such property.
    public static func ready(_ type: String, identity: [UInt8]? = nil) -> [UInt8] {
        command("READY", property("Socket-Type", type) + (identity.map { property("Identity", $0) } ?? []))
    }

    /// The ERROR command.
    public static func error(_ reason: String) -> [UInt8] {
        command("ERROR", [UInt8(reason.utf8.count)] + Array(reason.utf8))
    }

    /// The PING command of ZMTP 3.1.
    ///
    /// - Parameters:
    ///   - context: what the PONG has to repeat, at most 16 bytes.
    ///   - timeToLive: in tenths of a second; 0 for none.
    public static func ping(_ context: String = "", timeToLive: Int = 0) -> [UInt8] {
        command("PING", bigEndian(timeToLive, bytes: 2) + Array(context.utf8))
    }

    /// The PONG command of ZMTP 3.1.
    public static func pong(_ context: String = "") -> [UInt8] { command("PONG", Array(context.utf8)) }
}
