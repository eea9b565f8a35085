import Testing
import ZMQReactorTestSupport

@testable import ZMTP

/// The key of the opening handshake, and what it is made with.
@Suite struct KeyTests {
    @Test("SHA1 has the hashes of RFC 3174, and of every length of the last block") func hashes() {
        let text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
        #expect(hexadecimal(SHA1.hash(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(hexadecimal(SHA1.hash(Array(text.utf8))) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
        let ofLetters = [
            0: "da39a3ee5e6b4b0d3255bfef95601890afd80709", 55: "c1c8bbdc22796e28c0e15163d20899b65621d65a",
            56: "c2db330f6083854c99d4b5bfb6e8f29f201be699", 63: "03f09f5b158a7a8cdad920bddc29b81c18a551f5",
            64: "0098ba824b5c16427bd7a1122a5a442a25ec644d", 65: "11655326c708d70319be2610e8a57d9a5b959d3b",
            119: "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56", 120: "f34c1488385346a55709ba056ddd08280dd4c6d6",
            1000: "291e9a6c66994949b57ba5e650361e98fc36b1ba",
        ]
        for (count, hash) in ofLetters {
            let letters = [UInt8](repeating: UInt8(ascii: "a"), count: count)
            #expect(hexadecimal(SHA1.hash(letters)) == hash, "\(count) bytes")
        }
    }

    @Test("base64 has the forms of RFC 4648") func base64() {
        let forms = ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE="]
        for (text, form) in forms { #expect(Base64.encode(Array(text.utf8)) == form) }
        #expect(Base64.encode([0xFB, 0xFF, 0xFE]) == "+//+")
        #expect(Base64.isKey(Base64.encode(Wire.zeros(16))))
        for text in ["", "Zg==", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25j*Q==", "dGhlIHNhbXBsZSBub25jZQ==="] {
            #expect(!Base64.isKey(text), "\(text)")
        }
    }

    @Test("the answer to a key is that of RFC 6455, section 1.3") func acceptance() {
        #expect(WebSocketKey.acceptance(of: "dGhlIHNhbXBsZSBub25jZQ==") == WebSocketBytes.acceptance)
    }

    @Test("a mask means the same at every offset, length and distance") func masks() {
        let bytes = Pattern.bytes(100)
        let key = WebSocketBytes.mask.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        for count in 0...100 {
            for split in [0, 1, 2, 3, 4, 7, 8, 31, 33] where split <= count {
                for distance in [0, 1, 7, 9, 40] {
                    var memory = [UInt8](repeating: 0xEE, count: distance) + bytes[..<count]
                    var mask = WebSocketMask(key)
                    memory.withUnsafeMutableBytes { memory in
                        guard let base = memory.baseAddress else { return }
                        mask.copy(base + distance, to: base, count: split)
                        mask.copy(base + distance + split, to: base + split, count: count - split)
                    }
                    let expected = bytes[..<count].enumerated().map { $1 ^ WebSocketBytes.mask[$0 % 4] }
                    #expect(Array(memory[..<count]) == expected, "\(count) bytes, \(split) first, by \(distance)")
                }
            }
        }
    }
}
