import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct Z85Tests {
    @Test("golden: the example of RFC 32") func golden() {
        let bytes = hex("86 4F D2 6F B5 59 F7 5B")
        #expect(Z85.encode(bytes) == "HelloWorld")
        #expect(Z85.decode("HelloWorld") == bytes)
    }

    @Test("golden: a key of libzmq's documentation") func key() throws {
        let text = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
        let key = try CurveSecretKey(z85: text)
        #expect(key.exportedZ85() == text)
        #expect(key.withUnsafeBytes { Array($0.prefix(4)) } == hex("8E 0B DD 69"))
    }

    @Test("all bytes survive") func roundTrip() {
        var random = SeededGenerator(seed: 85)
        for count in stride(from: 0, through: 64, by: 4) {
            for _ in 0..<50 {
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
                let text = Z85.encode(bytes)
                #expect(text?.utf8.count == count / 4 * 5)
                #expect(text.flatMap { Z85.decode($0) } == bytes)
            }
        }
        #expect(Z85.encode([0xFF, 0xFF, 0xFF, 0xFF]) == "%nSc0")
        #expect(Z85.decode("%nSc0") == [0xFF, 0xFF, 0xFF, 0xFF])
    }

    @Test("other sizes, characters and numbers are no Z85")
    func malformed() {
        for count in [1, 2, 3, 5, 31, 33] { #expect(Z85.encode(Wire.zeros(count)) == nil) }
        for text in [
            "H", "Hell", "HelloW", "%nSc1", "#####", "Hello Worl", "Hell\"", "Hell'", "Hell,", "Hell;", "Hell\\",
            "Hell_", "Hell`", "Hell|", "Hell~", "Hell\u{7F}", "Hell\n", "Hellö", "Hel\u{0}o", "🙂a",
        ] {
            #expect(Z85.decode(text) == nil, "\(text)")
        }
    }
}
