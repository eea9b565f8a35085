@testable import ZMTP

/// Bytes on the wire, written independently of the code under test.
enum Wire {
    static func greeting(major: UInt8 = 3, minor: UInt8 = 1, mechanism: String = "NULL") -> [UInt8] {
        [0xFF] + zeros(8) + [0x7F, major, minor] + Array(mechanism.utf8) + zeros(20 - mechanism.utf8.count) + zeros(32)
    }

    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    static func bigEndian(_ value: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    static func frame(flags: UInt8, _ body: [UInt8], long: Bool? = nil) -> [UInt8] {
        long ?? (body.count > 255)
            ? [flags | 2] + bigEndian(body.count, bytes: 8) + body : [flags, UInt8(body.count)] + body
    }

    static func message(_ frames: [[UInt8]], long: Bool? = nil) -> [UInt8] {
        frames.enumerated().flatMap { frame(flags: $0 < frames.count - 1 ? 1 : 0, $1, long: long) }
    }

    static func message(_ frames: String...) -> [UInt8] { message(frames.map { Array($0.utf8) }) }

    static func command(_ name: String, _ data: [UInt8] = [], long: Bool? = nil) -> [UInt8] {
        frame(flags: 4, [UInt8(name.utf8.count)] + Array(name.utf8) + data, long: long)
    }

    static func property(_ name: String, _ value: [UInt8]) -> [UInt8] {
        [UInt8(name.utf8.count)] + Array(name.utf8) + bigEndian(value.count, bytes: 4) + value
    }

    static func property(_ name: String, _ value: String) -> [UInt8] { property(name, Array(value.utf8)) }

    static func ready(_ type: SocketType, identity: [UInt8]? = nil) -> [UInt8] {
        command(
            "READY",
            property("Socket-Type", type.rawValue) + (identity.map { property("Identity", $0) } ?? [])
        )
    }

    static func error(_ reason: String) -> [UInt8] {
        command("ERROR", [UInt8(reason.utf8.count)] + Array(reason.utf8))
    }

    static func ping(_ context: String = "", timeToLive: Int = 0) -> [UInt8] {
        command("PING", bigEndian(timeToLive, bytes: 2) + Array(context.utf8))
    }

    static func pong(_ context: String = "") -> [UInt8] { command("PONG", Array(context.utf8)) }
}

/// The bytes for hexadecimal digits, with optional spaces.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue!) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
