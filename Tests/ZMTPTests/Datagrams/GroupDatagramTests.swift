import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMTP

@Suite struct GroupDatagramTests {
    private func parse(_ bytes: [UInt8]) throws -> (group: [UInt8], body: [UInt8]) {
        try bytes.withUnsafeBytes {
            let datagram = try GroupDatagram($0)
            return (Array(datagram.group), Array(datagram.body))
        }
    }

    @Test("UDP-1: the size of the group, the group, and the body") func form() throws {
        for (group, body) in [
            ("", ""), ("g", ""), ("", "body"), ("weather", "sunny"), (String(repeating: "g", count: 255), "b"),
        ] {
            let found = try parse(groupDatagram(Array(group.utf8), Array(body.utf8)))
            #expect(found.group == Array(group.utf8) && found.body == Array(body.utf8))
        }
        #expect(groupDatagram([103], [1, 2]) == [1, 103, 1, 2])
        // The topic is what a member has joined.
        ([2, 65, 66, 1] as [UInt8]).withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            let datagram = try? GroupDatagram(bytes)
            #expect(datagram.map { Array($0.topic) } == [2, 65, 66])
        }
    }

    @Test(
        "UDP-2: a datagram without a size, a size beyond its end, and a zero in a group are malformed",
        arguments: [
            ([], "is empty"), ([1], "a group of 1 bytes is announced in a datagram of 1"),
            ([255] + [UInt8](repeating: 1, count: 254), "a group of 255 bytes"), ([3, 65, 66], "a group of 3 bytes"),
            ([1, 0], "a zero byte"), ([3, 65, 0, 66, 1], "a zero byte"),
        ] as [([UInt8], String)]
    )
    func malformed(_ bytes: [UInt8], _ reason: String) {
        let error = #expect(throws: ProtocolError.self) { try parse(bytes) }
        #expect(error?.code == .malformedDatagram && error?.message.contains(reason) == true)
    }

    @Test("the messages of a queue, in pieces that end where frames or headers do", arguments: 0..<32)
    func frames(cuts: Int) {
        let messages: [(head: [UInt8], body: [UInt8])] = [
            ([1], [2, 3]), ([], []), ([4], [UInt8](repeating: 5, count: 300)), ([6, 7], []), ([8], [9]),
        ]
        // A piece ends behind some of the headers, and behind some of the messages.
        var pieces: [[UInt8]] = [[]]
        for (number, message) in messages.enumerated() {
            let whole = Wire.message([message.head, message.body])
            let cut = whole.count - message.body.count
            pieces[pieces.count - 1] += whole[..<cut]
            if cuts >> number & 1 != 0, !message.body.isEmpty { pieces.append([]) }
            pieces[pieces.count - 1] += whole[cut...]
            if cuts >> (4 - number) & 1 != 0 { pieces.append([]) }
        }
        var reader = TwoFrameReader()
        var found: [(head: [UInt8], body: [UInt8])] = []
        var size = 0
        for piece in pieces {
            let goesOn = piece.withUnsafeBytes { piece in
                reader.read(piece) { head, body, total in
                    found.append((Array(head), Array(body)))
                    size += total
                    return true
                }
            }
            check(goesOn)
        }
        #expect(found.map(\.head) == messages.map(\.head) && found.map(\.body) == messages.map(\.body))
        #expect(size == pieces.reduce(0) { $0 + $1.count })
    }

    @Test("reading ends where it is told to") func ending() {
        let bytes = Wire.message("a", "1") + Wire.message("b", "2") + Wire.message("c", "3")
        var (reader, count) = (TwoFrameReader(), 0)
        let goesOn = bytes.withUnsafeBytes {
            reader.read($0) { _, _, _ in
                count += 1
                return count < 2
            }
        }
        #expect(!goesOn && count == 2)
    }

    @Test("messages of two frames are written as they travel") func writing() throws {
        var writer = MessageWriter()
        let large = [UInt8](repeating: 1, count: 60_000)
        for body in [[], [2], [UInt8](repeating: 3, count: 256), large, large] {
            let isWritten = ([103] as [UInt8]).withUnsafeBytes { (head: UnsafeRawBufferPointer) in
                body.withUnsafeBytes { writer.append(head: head, body: $0) }
            }
            check(isWritten)
        }
        var found: [[UInt8]] = []
        for var batch in writer.takeBatches() {
            while let message = batch.next() {
                #expect(message.count == 2 && Array(message[0]) == [103])
                found.append(Array(message[1]))
            }
        }
        #expect(found == [[], [2], [UInt8](repeating: 3, count: 256), large, large])
        check(writer.isEmpty)
    }
}
