/// The text form of binary keys (RFC 32): five printable characters for every four bytes.
public enum Z85 {
    private static let characters = Array(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8
    )

    /// The value of each ASCII character from 33 on; 255 for those that have none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 94)
        for (value, character) in characters.enumerated() { values[Int(character) - 33] = UInt8(value) }
        return values
    }()

    /// The text for `bytes`; nil unless their number is a multiple of four.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String? {
        let bytes = Array(bytes)
        guard bytes.count.isMultiple(of: 4) else { return nil }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count / 4 * 5)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            var value = bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            var group = [UInt8](repeating: 0, count: 5)
            for index in group.indices.reversed() {
                group[index] = characters[Int(value % 85)]
                value /= 85
            }
            text += group
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that `text` stands for; nil unless it is a multiple of five characters of the alphabet, and each five
    /// of them stand for a number of 32 bits.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let text = Array(text.utf8)
        guard text.count.isMultiple(of: 5) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 5 * 4)
        for start in stride(from: 0, to: text.count, by: 5) {
            var value: UInt64 = 0
            for character in text[start..<start + 5] {
                guard (33..<127).contains(character) else { return nil }
                let digit = values[Int(character) - 33]
                guard digit < 85 else { return nil }
                value = value * 85 + UInt64(digit)
            }
            guard value <= UInt64(UInt32.max) else { return nil }
            bytes.appendBigEndian(UInt32(value))
        }
        return bytes
    }
}
