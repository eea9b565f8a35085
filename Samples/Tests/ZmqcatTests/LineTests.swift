import Testing
import ZMQReactor

@testable import zmqcat

@Suite
struct LineTests {
    private func text(_ message: Message) -> String {
        var output: [UInt8] = []
        TextLines.append(message, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func hex(_ message: Message) -> String {
        var output: [UInt8] = []
        HexLines.append(message, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func message(_ line: String) throws -> Message { try TextLines.message(Array(line.utf8)[...]) }

    @Test("a line of text is a message: tabs separate its frames, and there are two escapes")
    func textIn() throws {
        for line in ["", "hello", "é\r", " "] { #expect(try message(line) == Message(line)) }
        #expect(try TextLines.message([0xFF, 0]) == Message([0xFF, 0]))
        #expect(try message("a\tb c") == ["a", "b c"])
        #expect(try message("\t\t") == ["", "", ""])
        #expect(try message(#"a\x09b\xFf\x0a"#) == Message([0x61, 9, 0x62, 0xFF, 10]))
        #expect(try message(#"\\x41\\"#) == Message(#"\x41\"#))
    }

    @Test(
        "a backslash that begins no escape is refused",
        arguments: [#"\"#, #"a\"#, #"\n"#, #"\x"#, #"\x4"#, #"\xg0"#, "\\\tx41", #"\X41"#]
    )
    func noEscape(line: String) throws {
        let error = #expect(throws: Complaint.self) { try message(line) }
        #expect(error?.description.contains("backslash") == true)
    }

    /// A frame of a few bytes that mean something in lines, or of any.
    private func frame(_ random: inout some RandomNumberGenerator) -> [UInt8] {
        let special: [UInt8] = [9, 10, 13, 0, 0x20, 0x5C, 0x78, 0x30, 0x41, 0xC3, 0xA9, 0xE2, 0x80, 0xA8, 0xFF]
        let isSpecial = Bool.random(using: &random)
        return (0..<Int.random(in: 0...20, using: &random)).map { _ in
            isSpecial ? special.randomElement(using: &random)! : .random(in: 0...255, using: &random)
        }
    }

    @Test("what is printed is input of the same message, whatever that is", arguments: [false, true])
    func identity(isHex: Bool) throws {
        let format: any LineFormat.Type = isHex ? HexLines.self : TextLines.self
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let frames = (0...Int.random(in: 0...4, using: &random)).map { _ in Frame(frame(&random)) }
            let message = Message(frames: frames)
            var line: [UInt8] = []
            format.append(message, to: &line)
            #expect(line.removeLast() == 10)
            #expect(!line.contains(10))
            #expect(try format.message(line[...]) == message, "\(frames.map { Array($0) })")
        }
    }

    @Test("frames are joined by a tab; unprintable characters are escaped, byte by byte")
    func textOut() {
        #expect(text("hello") == "hello\n")
        #expect(text("") == "\n")
        #expect(text(["a", "", "b c"]) == "a\t\tb c\n")
        #expect(text("ä€😀 \\") == "ä€😀 \\\\\n")
        #expect(text("a\tb\nc\r\u{1B}\u{7F}\0") == "a\\x09b\\x0ac\\x0d\\x1b\\x7f\\x00\n")
        #expect(text("\u{85}\u{2028}") == "\\xc2\\x85\\xe2\\x80\\xa8\n")
        #expect(text(Message([0xFF, 0x41, 0xC3])) == "\\xffA\\xc3\n")
        #expect(text(Message([0xE2, 0x82])) == "\\xe2\\x82\n", "a truncated character")
        #expect(text(Message([0xC0, 0x80])) == "\\xc0\\x80\n", "an overlong form")
        #expect(text(Message([0xED, 0xA0, 0x80])) == "\\xed\\xa0\\x80\n", "a surrogate")
        #expect(text(Message([0xF0, 0x9F, 0x98, 0x80, 0x80])) == "😀\\x80\n")
    }

    /// According to Unicode's own tables.
    private func reference(_ bytes: [UInt8]) -> String {
        var output = ""
        var rest = bytes[...]
        while !rest.isEmpty {
            var decoder = UTF8()
            var iterator = rest.prefix(4).makeIterator()
            var length = 1
            if case .scalarValue(let scalar) = decoder.decode(&iterator),
                ![.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
            {
                if scalar == "\\" { output += "\\" }
                output.unicodeScalars.append(scalar)
                length = UTF8.width(scalar)
            } else {
                let digits = String(rest.first!, radix: 16)
                output += digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
            }
            rest = rest.dropFirst(length)
        }
        return output
    }

    @Test("printable characters are those of Unicode, in any position")
    func printable() {
        func check(_ bytes: [UInt8]) { #expect(text(Message(bytes)) == reference(bytes) + "\n") }
        // Every byte at every position of a word of eight, and every pair of bytes.
        for byte in UInt8.min...UInt8.max {
            for place in 0..<9 { check([UInt8](repeating: 0x61, count: place) + [byte, 0x62, 0x63, 0x64]) }
        }
        for pair in UInt16.min...UInt16.max { check([UInt8(pair >> 8), UInt8(pair & 0xFF), 0x61]) }
        // Around every boundary of lengths and categories, truncated, too.
        let limits: [UInt32] = [0x7F, 0x9F, 0x7FF, 0x2028, 0x2029, 0xD7FF, 0xE000, 0xFFFF, 0x1_0000, 0x10_FFFF]
        for limit in limits {
            for value in (limit - 2)...(limit + 2) {
                guard let scalar = Unicode.Scalar(value) else { continue }
                let bytes = [UInt8](String(Character(scalar)).utf8)
                for count in 1...bytes.count { check([0x61] + bytes.prefix(count) + [0x62]) }
            }
        }
        // Overlong forms, surrogates, values beyond the end.
        for bytes: [UInt8] in [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
        ] { check(bytes) }
    }

    @Test("hexadecimal in both directions", arguments: ["-", "00", "- 01 ff", "616263 -", "- -"])
    func hexBothWays(line: String) throws {
        #expect(hex(try HexLines.message(Array(line.utf8)[...])) == line + "\n")
    }

    @Test("upper-case digits are accepted")
    func capitals() throws {
        #expect(try HexLines.message(Array("FFaB".utf8)[...]) == Message([0xFF, 0xAB]))
    }

    @Test(
        "invalid hexadecimal is refused",
        arguments: ["", " ", "0", "0g", "00  01", " 00", "00 ", "--", "00-", "0 0"]
    )
    func notHex(line: String) {
        #expect(throws: Complaint.self) { try HexLines.message(Array(line.utf8)[...]) }
    }

    @Test("an error message shows its subject, on one line")
    func complaint() {
        let error = #expect(throws: Complaint.self) { try HexLines.message(Array("00 \u{1B}x".utf8)[...]) }
        #expect(error?.description == "frame 2 of a line is not hexadecimal: \"\\x1bx\"")
    }

    @Test("times are in milliseconds by default")
    func times() {
        #expect(Time("250ms")?.duration == .milliseconds(250))
        #expect(Time("2s")?.duration == .seconds(2))
        #expect(Time("1500")?.duration == .milliseconds(1500))
        #expect(Time("0")?.duration == .zero)
        for text in ["", "s", "ms", "-1", "+1", "1.5s", "1 s", "2m", "1e3", "99999999999999999999", "9999999999999s"] {
            #expect(Time(text) == nil, "\(text)")
        }
    }
}
