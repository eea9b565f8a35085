/// Finds the end of text that can be printed unchanged: UTF-8 without control characters, separators of lines and
/// paragraphs, and the backslash, with which escapes begin.
///
/// ASCII is checked eight bytes at a time, because all output passes through here.
enum PrintableText {
    /// The offset of the first byte, from `start` on, that is not part of printable text; the number of bytes if there
    /// is none.
    static func end(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return start }
        var position = start
        while true {
            while bytes.count - position >= 8 {
                let word = base.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                guard isPlainASCII(word) else { break }
                position += 8
            }
            guard position < bytes.count else { return position }
            let length = character(UnsafeRawBufferPointer(rebasing: bytes[position...]))
            guard length > 0 else { return position }
            position += length
        }
    }

    /// Whether all eight bytes are 20 to 7E, and none a backslash. Only a byte outside the range produces a carry or
    /// borrow; only a backslash, which becomes zero, borrows from its high bit.
    private static func isPlainASCII(_ word: UInt64) -> Bool {
        let (ones, spaces, highBits): (UInt64, UInt64, UInt64) =
            (0x0101_0101_0101_0101, 0x2020_2020_2020_2020, 0x8080_8080_8080_8080)
        let others = word ^ 0x5C5C_5C5C_5C5C_5C5C
        return (word | (word &+ ones) | (word &- spaces) | (others &- ones)) & highBits == 0
    }

    /// The size of the first character; 0 if it is not printable, not UTF-8, or a backslash.
    private static func character(_ bytes: UnsafeRawBufferPointer) -> Int {
        let first = bytes[0]
        if first < 0x80 { return first >= 0x20 && first < 0x7F && first != UInt8(ascii: "\\") ? 1 : 0 }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard first >= 0xC2, first <= 0xF4, bytes.count >= length else { return 0 }
        var scalar = UInt32(first) & (0x7F >> UInt32(length))
        for byte in bytes[1..<length] {
            guard byte & 0xC0 == 0x80 else { return 0 }
            scalar = scalar << 6 | UInt32(byte & 0x3F)
        }
        return isPrintable(scalar, length: length) ? length : 0
    }

    /// Not overlong, not a surrogate, in the range of Unicode, and not a control or separator.
    private static func isPrintable(_ scalar: UInt32, length: Int) -> Bool {
        switch scalar {
        case 0..<0xA0, 0x2028...0x2029, 0xD800...0xDFFF, 0x11_0000...: false
        case ..<0x800: length == 2
        case ..<0x1_0000: length == 3
        default: true
        }
    }
}
