import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMTP

@Suite struct MulticastFramingTests {
    private func decoder(_ maxMessageSize: Int = 1 << 20, maxFrames: Int = 1000) -> MulticastDecoder {
        MulticastDecoder(maxMessageSize: maxMessageSize, maxFrames: maxFrames)
    }

    /// Messages of every interesting size, in one frame and in several.
    private static let messages: [[UInt8]] = {
        let sizes = [0, 1, 2, 98, 99, 100, 252, 253, 254, 255, 256, 257, 1000, 70_000]
        let single = sizes.map { Wire.message([[UInt8](repeating: UInt8($0 & 0xFF), count: $0)]) }
        let several = sizes.map { Wire.message([[1], [UInt8](repeating: 7, count: $0), [], [2, 3]]) }
        return single + several + [Wire.message("a", "b"), Wire.message("last")]
    }()

    @Test("MC-3: the bytes of datagrams are libzmq's") func bytes() {
        var stream = MulticastStream([Wire.message("hello"), Wire.message("a", "bc")])
        // Both messages fit: the first begins at once.
        let expected = PGMWire.tsdu(0, Wire.message1("hello") + Wire.message1("a", "bc"))
        #expect(stream.next(size: 100) == expected)
        check(stream.isEmpty)

        stream = MulticastStream([Wire.message("hello"), Wire.message("a")])
        // A message that does not end in the datagram, one that begins in the next, and room left behind it.
        #expect(stream.next(size: 6) == PGMWire.tsdu(0, Array(Wire.message1("hello").prefix(4))))
        #expect(stream.next(size: 8) == PGMWire.tsdu(3, Array("llo".utf8) + Wire.message1("a")))

        stream = MulticastStream([Wire.message("hello")])
        #expect(stream.next(size: 4) == PGMWire.tsdu(0, [6, 0]))
        // None begins, and there is no room for another; then there is.
        #expect(stream.next(size: 5) == PGMWire.tsdu(0xFFFF, Array("hel".utf8)))
        #expect(stream.next(size: 5) == PGMWire.tsdu(2, Array("lo".utf8)))
    }

    @Test("MC-3: messages of every size, in datagrams of every size", arguments: [3, 4, 12, 100, 1450, 65_000])
    func roundTrip(size: Int) {
        let sent = size < 100 ? Self.messages.filter { $0.count < 2000 } : Self.messages
        for atOnce in [1, 2, .max] {
            var stream = MulticastStream(sent)
            let datagrams = stream.all(size: size, atOnce: atOnce)
            #expect(datagrams.allSatisfy { $0.count <= size })
            var decoder = decoder()
            let found = decoder.decode(datagrams)
            #expect(found.messages == sent)
            #expect(found.faults.isEmpty)
            #expect(decoder.byteCount == 0)
        }
    }

    @Test("messages count as sent with their last byte") func release() {
        var stream = MulticastStream([Wire.message("hello"), Wire.message("a")])
        _ = stream.next(size: 6)
        #expect(stream.unsentCount == 2)
        _ = stream.next(size: 5)
        #expect(stream.unsentCount == 1)
        _ = stream.next(size: 5)
        #expect(stream.unsentCount == 0)
    }

    @Test("MC-5: a receiver joins at the first beginning", arguments: [3, 12, 100, 1450])
    func join(size: Int) throws {
        var stream = MulticastStream(Self.messages)
        let datagrams = stream.all(size: size)
        for start in Set([1, datagrams.count / 3, datagrams.count / 2, datagrams.count - 1]) {
            var decoder = decoder()
            let found = decoder.decode(Array(datagrams[start...]))
            #expect(found.faults.isEmpty)
            #expect(found.messages == Array(Self.messages.suffix(found.messages.count)))
            let begins = datagrams[start...].contains { $0[0] != 0xFF || $0[1] != 0xFF }
            check(decoder.isJoined == begins)
        }
    }

    @Test("MC-6: what a lost datagram held is missing, and nothing else", arguments: [12, 100, 1450])
    func loss(size: Int) {
        var stream = MulticastStream(Self.messages)
        let datagrams = stream.all(size: size)
        for lost in stride(from: 0, to: datagrams.count, by: max(1, datagrams.count / 50)) {
            var decoder = decoder()
            var found = decoder.decode(Array(datagrams[..<lost])).messages
            decoder.leave()
            let rest = decoder.decode(Array(datagrams[(lost + 1)...]))
            #expect(rest.faults.isEmpty)
            found += rest.messages
            var sent = Self.messages[...]
            for message in found {
                guard let position = sent.firstIndex(of: message) else {
                    Issue.record("a message that was not sent, or out of order")
                    break
                }
                sent = sent[(position + 1)...]
            }
        }
    }

    @Test(
        "MC-6: a datagram that lies makes the receiver leave, and it joins again",
        arguments: [
            ("empty", []),
            ("too short", [0]),
            ("an offset beyond the end", PGMWire.tsdu(3, [2, 0])),
            ("an offset where nothing begins", PGMWire.tsdu(1, Wire.message1("x"))),
            ("no beginning, and there is one", PGMWire.tsdu(0xFFFF, Wire.message1("x"))),
            ("a length of 0", PGMWire.tsdu(0, [0, 0])),
            ("flags that do not exist", PGMWire.tsdu(0, [2, 2, 0])),
            ("a size beyond the limit", PGMWire.tsdu(0, [0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 0])),
            ("a size with its top bit set", PGMWire.tsdu(0, [0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0])),
        ]
    )
    func lies(_ what: String, _ lie: [UInt8]) {
        let good = PGMWire.tsdu(0, Wire.message1("good"))
        var decoder = decoder(1000)
        let found = decoder.decode([good, lie, good])
        #expect(found.messages == [Wire.message("good"), Wire.message("good")], "\(what)")
        #expect(found.faults.count == 1, "\(what)")
        check(decoder.isJoined)
    }

    @Test("MC-6: a beginning within an unfinished message is a lie") func beginningInMessage() {
        var decoder = decoder()
        let found = decoder.decode([
            PGMWire.tsdu(0, [11, 0, 1, 2]),
            // Four more bytes of ten belong to the message.
            PGMWire.tsdu(2, [3, 4, 5, 6]),
            PGMWire.tsdu(0, Wire.message1("good")),
        ])
        #expect(found.faults.map(\.code) == [.malformedDatagram])
        #expect(found.messages == [Wire.message("good")])
    }

    @Test("F-5: limits hold for messages in many datagrams") func limits() {
        let tooLong = Wire.message([Wire.zeros(600), Wire.zeros(600)])
        let tooMany = Wire.message([[UInt8]](repeating: [], count: 11))
        let fits = Wire.message([[UInt8]](repeating: Wire.zeros(100), count: 10))
        // What begins in the same datagram behind a fault is lost with it.
        var stream = MulticastStream([fits, tooLong, fits, tooMany, fits, fits])
        var decoder = decoder(1000, maxFrames: 10)
        let found = decoder.decode(stream.all(size: 50))
        #expect(found.messages == [fits, fits, fits])
        #expect(found.faults.map(\.code) == [.tooLarge, .tooManyFrames])
    }

    @Test("no more memory is taken than has arrived") func announcedSize() {
        var decoder = decoder(1 << 40)
        let found = decoder.decode([PGMWire.tsdu(0, [0xFF, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 1, 2, 3])])
        #expect(found.faults.isEmpty)
        #expect(decoder.byteCount == 13)
    }
}
