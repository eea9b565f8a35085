/// The bytes of a ZMTP peer.
extension RawPeer {
    /// The greeting of version 3.`minor` with the NULL mechanism.
    public static func greeting(minor: UInt8 = 1) -> [UInt8] {
        [0xFF] + zeros(8) + [0x7F, 3, minor] + Array("NULL".utf8) + zeros(16) + zeros(32)
    }

    public static func ready(_ type: String, identity: [UInt8]? = nil) -> [UInt8] {
        var metadata = property("Socket-Type", Array(type.utf8))
        if let identity { metadata += property("Identity", identity) }
        return command("READY", metadata)
    }

    private static func property(_ name: String, _ value: [UInt8]) -> [UInt8] {
        [UInt8(name.utf8.count)] + Array(name.utf8) + bigEndian(value.count, bytes: 4) + value
    }

    public static func command(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = [UInt8(name.utf8.count)] + Array(name.utf8) + data
        return (body.count < 256 ? [4, UInt8(body.count)] : [6] + bigEndian(body.count, bytes: 8)) + body
    }

    /// A message of one short frame.
    public static func message(_ text: String) -> [UInt8] { [0, UInt8(text.utf8.count)] + Array(text.utf8) }

    /// A long frame: a message of its own, the last frame of one, or followed by others.
    public static func longFrame(_ body: [UInt8], isLast: Bool = true) -> [UInt8] {
        [isLast ? 2 : 3] + bigEndian(body.count, bytes: 8) + body
    }

    public static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    private static func bigEndian(_ number: Int, bytes: Int) -> [UInt8] {
        (1...bytes).map { UInt8(truncatingIfNeeded: number >> (8 * (bytes - $0))) }
    }

    /// Sends everything that a socket of this type sends before messages.
    public func shakeHands(as type: String, minor: UInt8 = 1) { send(Self.greeting(minor: minor) + Self.ready(type)) }
}
