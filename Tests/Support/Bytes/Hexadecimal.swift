/// Two digits for each byte.
public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
}

/// The bytes for `text`, two digits each. Traps on anything else: the text comes from our own programs and tests.
public func bytes(hexadecimal text: String) -> [UInt8] {
    let digits = text.utf8.filter { $0 != UInt8(ascii: " ") }.map { digit -> UInt8 in
        UInt8(Character(UnicodeScalar(digit)).hexDigitValue!)
    }
    precondition(digits.count % 2 == 0, "half a byte in \(text)")
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

private let digits = Array("0123456789abcdef".utf8)
