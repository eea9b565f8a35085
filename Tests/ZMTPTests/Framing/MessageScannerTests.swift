import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct MessageScannerTests {
    static let sizes = [0, 1, 254, 255, 256, 65_535, 65_536]

    @Test("F-1, F-2: frames of every size", arguments: sizes, [nil, true])
    func everySize(size: Int, long: Bool?) {
        let body = [UInt8](repeating: 0x61, count: size)
        let alone = Wire.message([body], long: long)
        let several = Wire.message([body, [], body, [1]], long: long)
        let found = traffic(alone + several + alone)
        #expect(found.messages == [alone, several, alone])
        #expect(found.batches == 1)
        #expect(found.failure == nil)
    }

    @Test("F-6: a message is delivered with its last byte", arguments: sizes)
    func lastByte(size: Int) {
        let message = Wire.message([[UInt8](repeating: 0x61, count: size), [1, 2]])
        #expect(traffic(message.dropLast()).messages.isEmpty)
        #expect(traffic(message).messages == [message])
    }

    @Test("messages of many frames", arguments: [200, 100_000])
    func manyFrames(count: Int) {
        let message = Wire.message((0..<count).map { [UInt8](repeating: UInt8($0 & 0xFF), count: $0 % 7) })
        let found = traffic(message + message)
        #expect(found.messages == [message, message])
        // What is whole does not wait until all frames of the next have been found.
        #expect(found.batches == (count < MessageScanner.framesAtOnce ? 1 : 2))
    }

    @Test("batches have at most the requested number of messages", arguments: [1, 2, 3, 100])
    func limit(limit: Int) {
        let messages = (0..<7).map { Wire.message("\($0)") } + [Wire.message("a", "b")]
        let found = traffic(messages.flatMap { $0 }, limit: limit)
        #expect(found.messages == messages)
        #expect(found.batches == (messages.count + min(limit, 8) - 1) / min(limit, 8))
    }

    @Test("F-5: a message's frames may add up to the limit") func messageLimit() {
        let exact = Wire.message([Wire.zeros(100)])
        let split = Wire.message([Wire.zeros(60), Wire.zeros(40), []])
        let over = Wire.message([Wire.zeros(60), Wire.zeros(41)])
        let found = traffic(exact + split + exact + over + exact, maxMessageSize: 100)
        #expect(found.messages == [exact, split, exact])
        #expect(found.failure == .messageTooLarge(limit: 100))
        #expect(traffic(Wire.message([Wire.zeros(101)]), maxMessageSize: 100).failure?.code == .tooLarge)
        #expect(traffic(Wire.message([[], [], []]), maxMessageSize: 0).failure == nil)
    }

    @Test("F-5: a header is enough to refuse a message") func messageLimitEarly() {
        let found = traffic([0x02] + Wire.bigEndian(1_000_000, bytes: 8), maxMessageSize: 999_999)
        #expect(found.failure == .messageTooLarge(limit: 999_999))
        #expect(traffic([0x03] + Wire.bigEndian(.max, bytes: 8), maxMessageSize: 0).failure?.code == .tooLarge)
    }

    @Test("F-5: empty frames do not make a message endless") func emptyFrames() {
        let frames = [UInt8](repeating: 0, count: 40_000).flatMap { _ in [0x01, 0x00] as [UInt8] }
        #expect(traffic(frames, maxMessageSize: 10).failure == .messageTooLarge(limit: 10))
        #expect(traffic(frames, maxMessageSize: 100_000).failure == nil)
    }

    @Test("F-5: the last frame of a message does not count among its headers") func lastHeader() {
        // A limit of 10 bytes allows 32 773 headers of two bytes.
        let frames = [[UInt8]](repeating: [], count: (65_536 + 10) / 2)
        let message = Wire.message(frames + [[1, 2, 3]])
        let handshake = Wire.greeting() + Wire.ready(.push)
        var configuration = Engine.Configuration.accepting(.pull)
        configuration.maxMessageSize = 10
        for missing in 0...5 {
            let found = transcript(
                configuration,
                handshake + message,
                pieces: [handshake.count + message.count - missing]
            )
            #expect(found.messages == [message], "\(missing) bytes later")
        }
        #expect(traffic(Wire.message(frames + [[], []]), maxMessageSize: 10).failure?.code == .tooLarge)
    }

    @Test("claimed sizes up to 2^63 - 1 only ask for input") func hugeClaims() {
        let prefix = Wire.message([[1, 2, 3]])
        for flags: UInt8 in [2, 3, 6] {
            let claim = [flags] + Wire.bigEndian(.max, bytes: 8)
            let found = traffic(prefix + [1, 0] + claim)
            #expect(found.messages == [prefix])
            #expect(found.failure == nil)
            #expect(found.largestMinimum == .max)
        }
    }

    @Test(
        "F-3, F-4: an illegal frame ends the connection, after the messages before it",
        arguments: ["05 00", "08 01 00", "FF 00", "02 80 00 00 00 00 00 00 00"]
    )
    func illegal(frame: String) {
        let message = Wire.message("x", "y")
        for prefix in [[], message, message + [1, 1, 1]] {
            let found = traffic(prefix + hex(frame) + message)
            #expect(found.messages == (prefix.isEmpty ? [] : [message]))
            #expect(found.failure?.code == .malformedFrame)
        }
    }
}
