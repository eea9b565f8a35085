/// Bytes of ZMTP as a test's own peer sends and expects them.
enum LegacyWire {
    /// The first 10 bytes of a greeting that is open to older peers.
    static let signature: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F]

    /// The first bytes of an anonymous 1.0 peer.
    static let anonymous: [UInt8] = [1, 0]

    /// The first bytes of an anonymous 2.0 peer with that type code.
    static func greeting2(_ type: UInt8) -> [UInt8] { signature + [1, type, 0, 0] }

    /// A message of 1.0.
    static func message1(_ frames: [UInt8]...) -> [UInt8] {
        frames.enumerated().flatMap { number, body -> [UInt8] in
            let length = UInt64(body.count + 1)
            let size: [UInt8] =
                length < 255
                ? [UInt8(length)] : [0xFF] + (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
            return size + [number + 1 < frames.count ? 1 : 0] + body
        }
    }

    static func message1(_ text: String) -> [UInt8] { message1(Array(text.utf8)) }

    /// A message of 2.0 of short frames.
    static func message2(_ frames: [UInt8]...) -> [UInt8] {
        frames.enumerated().flatMap { [$0 + 1 < frames.count ? 1 : 0, UInt8($1.count)] + $1 }
    }

    static func message2(_ text: String) -> [UInt8] { message2(Array(text.utf8)) }
}
