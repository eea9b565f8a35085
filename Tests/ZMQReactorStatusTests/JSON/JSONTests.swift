import Foundation
import Testing

@testable import ZMQReactorStatus

@Suite struct JSONTests {
    private func text(_ value: JSON) -> String { String(decoding: value.encoded, as: UTF8.self) }

    @Test("every kind of value")
    func values() {
        let value: JSON = [
            "a": .integer(-5), "b": .array([.bool(true), .bool(false), .null]), "c": .number(0.5), "d": [:], "e": [],
            "f": JSON(Int?.none), "g": JSON(seconds: .milliseconds(1500)),
        ]
        #expect(text(value) == #"{"a":-5,"b":[true,false,null],"c":0.5,"d":{},"e":[],"f":null,"g":1.5}"#)
        for number in [Double.infinity, -.infinity, .nan] { #expect(text(.number(number)) == "null") }
        #expect(text(.number(1e-9)) == "1e-09" && text(.integer(.min)) == "-9223372036854775808")
    }

    @Test("text is escaped where JSON, HTML or JavaScript need it")
    func escapes() {
        #expect(text(.string("a\"b\\c\nd\te\u{0}")) == #""a\"b\\c\nd\u0009e\u0000""#)
        #expect(text(.string("</script>&")) == #""\u003c/script\u003e\u0026""#)
        #expect(text(.string("\u{2028}\u{2029}\u{7F}\u{85}")) == #""\u2028\u2029\u007f\u0085""#)
        #expect(text(.string("grün 😀")) == "\"grün 😀\"")
        #expect(text(["<\"": .null]) == #"{"\u003c\"":null}"#)
    }

    @Test("another implementation reads the same, for every scalar of the first plane and some of the others")
    func roundTrip() throws {
        let scalars = (0..<0x1_1000).compactMap { Unicode.Scalar(UInt32($0)) } + ["\u{1F600}", "\u{10FFFF}"]
        for start in stride(from: 0, to: scalars.count, by: 1000) {
            let text = scalars[start..<min(start + 1000, scalars.count)].reduce(into: "") {
                $0.unicodeScalars.append($1)
            }
            let read = try JSONSerialization.jsonObject(with: Data(JSON.array([.string(text)]).encoded))
            let found = (read as? [String])?.first
            // Unlike strings, scalars are not equal because they look the same.
            #expect(found?.unicodeScalars.elementsEqual(text.unicodeScalars) == true, "from \(start)")
        }
    }
}
