import Testing

@testable import ZMTP

@Suite struct UTF8CheckTests {
    /// Whether the parts are UTF-8 together; nil when something is missing.
    private func isUTF8(_ parts: [ArraySlice<UInt8>]) -> Bool? {
        var check = UTF8Check()
        for part in parts {
            guard part.withUnsafeBytes({ check.check($0) }) else { return false }
        }
        return check.isComplete ? true : nil
    }

    @Test("RFC 3629: the verdict does not depend on how the bytes are split") func splits() {
        let texts: [[UInt8]] = [
            Array("a\u{E9}\u{20AC}\u{1F600}b".utf8), [0xE2, 0x82], [0x61, 0xF0, 0x9F, 0x98], [0xC3, 0x28],
            [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x61],
            [0x80], [0xE2, 0x82, 0xAC, 0xE2], [0xFF], [],
        ]
        for text in texts {
            let whole = String(validating: text, as: UTF8.self) != nil
            for first in 0...text.count {
                for second in first...text.count {
                    let found = isUTF8([text[..<first], text[first..<second], text[second...]])
                    #expect((found ?? false) == whole, "\(text) at \(first) and \(second)")
                }
            }
        }
        #expect(isUTF8([[0xE2, 0x82]]) == nil)
        #expect(isUTF8([[0xE2], [0x28]]) == false)
    }
}
