import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct Version1Tests {
    private func found(_ input: [UInt8], to type: SocketType = .pull, maxMessageSize: Int = .max) -> Transcript {
        var configuration = Engine.Configuration.accepting(type, legacy: true)
        configuration.maxMessageSize = maxMessageSize
        return transcript(configuration, hex("01 00") + input)
    }

    @Test("3.1: any message becomes one of 3.x", arguments: [nil, true])
    func messages(long: Bool?) {
        for size in [0, 1, 252, 253, 254, 255, 256, 257, 1_000, 70_000] {
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
            for frames in [[body], [body, [1]], [[], body, [2, 3]], [body, body, body]] {
                #expect(found(Wire.message1(frames, long: long)).messages == [Wire.message(frames)], "\(size)")
            }
        }
    }

    @Test("the peer is assumed to be of a compatible type") func assumedType() {
        for type in SocketType.allCases where type.legacyCode != nil {
            let peer = found([], to: type).peer
            #expect(peer?.version == .v1_0)
            #expect(peer.map { type.isCompatible(with: $0.socketType) } == true)
        }
    }

    @Test("DEV-4: a length of 0 is skipped, but is not a greeting") func nothing() {
        #expect(found([0, 0] + Wire.message1("a") + [0]).messages == [Wire.message("a")])
        let inside = Wire.frame1(more: true, [1]) + [0, 0] + Wire.frame1(more: true, [2], long: true) + [0]
        #expect(found(inside + Wire.frame1([3])).messages == [Wire.message([[1], [2], [3]])])
        #expect(transcript(.accepting(.pull, legacy: true), [0]).failure == .notZMTP)
    }

    @Test("text, TLS and SSH are not 1.0 peers") func otherProtocols() {
        for text in ["GET / HTTP/1.0\r\n", "POST /", "\r\n", "hello\r\n", "SSH-2.0-x", "\u{16}\u{03}\u{01}"] {
            #expect(transcript(.accepting(.rep, legacy: true), Array(text.utf8)).failure == .notZMTP)
        }
    }

    @Test("illegal flags and sizes") func illegal() {
        #expect(found([2, 2, 0]).failure == .illegalFlags(2))
        #expect(found([0xFF] + Wire.zeros(8) + [0]).failure == .illegalSize)
        #expect(found([0xFF, 0x80] + Wire.zeros(7) + [0]).failure == .illegalSize)
        let identity = Wire.frame1(Wire.zeros(256))
        #expect(transcript(.accepting(.router, legacy: true), identity).failure == .identityTooLong(256))
    }

    @Test("F-5: a message that is too large is an error at its header") func limit() {
        #expect(found(Wire.message1("abcd"), maxMessageSize: 4).messages.count == 1)
        #expect(found(hex("06 00"), maxMessageSize: 4).failure == .messageTooLarge(limit: 4))
        #expect(found(Wire.message1("abc", "de"), maxMessageSize: 4).failure == .messageTooLarge(limit: 4))
        #expect(found([0xFF, 0x7F] + Wire.zeros(8), maxMessageSize: 4).failure == .messageTooLarge(limit: 4))
        let endless = [[UInt8]](repeating: Wire.frame1(more: true, []), count: 40_000).flatMap { $0 }
        #expect(found(endless, maxMessageSize: 4).failure == .messageTooLarge(limit: 4))
    }

    @Test("F-6: only complete messages are delivered") func whole() {
        let message = Wire.message1([[1], Wire.zeros(300), [2]])
        for count in 0..<message.count { #expect(found(Array(message.prefix(count))).items.count == 1) }
    }

    @Test("subscriptions have headers of 1.0") func subscriptions() {
        for size in [0, 1, 252, 253, 254, 255, 256] {
            var output: [UInt8] = []
            Subscription.subscribe.append(topic: Wire.zeros(size), for: .v1_0, to: &output)
            #expect(output == Wire.message1([[1] + Wire.zeros(size)]))
        }
    }
}
