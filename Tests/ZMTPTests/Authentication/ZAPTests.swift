import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct ZAPTests {
    private static let key = try! CurvePublicKey(1...32)

    private func fault(_ body: () throws -> some Any) -> ZAPError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? ZAPError
        }
    }

    @Test("Z-3: golden requests") func requests() throws {
        let cases: [(Credentials, [Frame])] = [
            (.null, ["NULL"]),
            (.plain(username: "admin", Password("secret")), ["PLAIN", "admin", "secret"]),
            (.curve(Self.key), ["CURVE", Frame(Self.key.bytes)]),
        ]
        for (credentials, frames) in cases {
            let request = ZAPRequest(requestID: [1, 0], domain: "global", address: "127.0.0.1", credentials)
            let expected: [Frame] = ["1.0", [1, 0], "global", "127.0.0.1", ""] + frames
            #expect(request.frames == expected)
            #expect(try ZAPRequest(expected) == request)
            // As messages have them.
            #expect(try ZAPRequest(Message(frames: expected)) == request)
        }
        let other = try ZAPRequest(["1.0", "", "", "::1", "me", "GSSAPI", "principal", ""] as [Frame])
        #expect(other.proof == .other(mechanism: "GSSAPI", ["principal", ""]))
        #expect(other.frames == ["1.0", "", "", "::1", "me", "GSSAPI", "principal", ""])
    }

    @Test("a user name is its bytes: another spelling of the same text is another one") func spelling() {
        let (name, other, password) = ("Ren\u{E9}", "Rene\u{301}", Password("secret"))
        let credentials = Credentials.plain(username: name, password)
        #expect(credentials == .plain(username: name, Password("secret")))
        let others: [Credentials] = [
            .plain(username: other, password), .plain(username: name, Password("")), .null, .curve(Self.key),
        ]
        #expect(!others.contains(credentials))
        #expect(Credentials.null == .null && Credentials.curve(Self.key) == .curve(Self.key))
    }

    @Test("Z-3, Z-5: malformed requests") func malformedRequests() {
        let good: [Frame] = ["1.0", "1", "d", "a", "i", "PLAIN", "u", "p"]
        #expect(fault { try ZAPRequest(good) } == nil)
        for count in 0..<good.count { #expect(fault { try ZAPRequest(good.prefix(count)) } != nil, "\(count)") }
        #expect(fault { try ZAPRequest(good + ["x"]) } != nil)
        for version: Frame in ["", "1", "1.1", "2.0", "1.0 "] {
            #expect(fault { try ZAPRequest([version] + good[1...]) } == .otherVersion)
        }
        for index in 1..<good.count {
            for size in [255, 256] {
                var frames = good
                frames[index] = Frame([UInt8](repeating: 0x41, count: size))
                let isTooLong = size > 255 || index == 5
                // A mechanism of 255 characters is another one.
                #expect((fault { try ZAPRequest(frames) } != nil) == (size > 255), "\(index) \(isTooLong)")
            }
        }
        for index in [2, 3, 5] {
            for bytes: [UInt8] in [[0], [0x1F], [0x7F], [0x80], [0xC3, 0xA4]] {
                var frames = good
                frames[index] = Frame(bytes)
                #expect(fault { try ZAPRequest(frames) } != nil)
            }
        }
        for proof: [Frame] in [
            ["NULL", ""], ["PLAIN"], ["PLAIN", "u"], ["CURVE"], ["CURVE", Frame(Wire.zeros(31))],
            ["CURVE", Frame(Wire.zeros(33))], ["CURVE", Frame(Wire.zeros(32)), ""],
        ] {
            #expect(fault { try ZAPRequest(good[..<5] + proof) } != nil, "\(proof)")
        }
    }

    @Test("Z-1, Z-2, Z-4: golden replies") func replies() throws {
        var metadata = Metadata()
        metadata.append("Group", [1, 2])
        let accepted = ZAPReply(
            requestID: [7],
            .accepted(Acceptance(userID: "jürgen", metadata: metadata)),
            text: "OK"
        )
        let frames: [Frame] = ["1.0", [7], "200", "OK", "jürgen", Frame(hex("05 47 72 6F 75 70 00 00 00 02 01 02"))]
        #expect(accepted.frames == frames)
        #expect(try ZAPReply(frames) == accepted)
        for (status, refusal) in [("300", Refusal.temporarily), ("400", .denied), ("500", .internalError)] {
            let reply = ZAPReply(requestID: [7], .refused(refusal), text: "no")
            #expect(reply.frames == ["1.0", [7], Frame(status), "no", "", ""])
            #expect(try ZAPReply(reply.frames) == reply)
        }
        let long = ZAPReply(requestID: [], .refused(.denied), text: String(repeating: "x", count: 300))
        #expect(long.frames[3].count == 255)
    }

    @Test("Z-1, Z-2, Z-4: malformed replies") func malformedReplies() {
        let good: [Frame] = ["1.0", "1", "200", "OK", "u", ""]
        #expect(fault { try ZAPReply(good) } == nil)
        for count in 0..<6 { #expect(fault { try ZAPReply(good.prefix(count)) } != nil) }
        #expect(fault { try ZAPReply(good + [""]) } != nil)
        let changes: [(Int, [Frame])] = [
            (0, ["", "1.1", "2.0"]),
            (1, [Frame(Wire.zeros(256))]),
            (2, ["", "0", "20", "201", "200 ", "+400", "0400", " 40", "100", "600", "4000", "٤٠٠"]),
            (3, [Frame(Wire.zeros(256))]),
            (4, [Frame(Wire.zeros(256)), [0xFF], [0xC3]]),
            (5, [[1], [1, 0x41, 0, 0, 0, 1], [0, 0, 0, 0, 0], "x"]),
        ]
        for (index, values) in changes {
            for value in values {
                var frames = good
                frames[index] = value
                #expect(fault { try ZAPReply(frames) } != nil, "\(index): \(value)")
            }
        }
        // Z-2: a name for a client that is refused.
        #expect(fault { try ZAPReply(["1.0", "1", "400", "no", "u", ""] as [Frame]) } != nil)
    }
}
