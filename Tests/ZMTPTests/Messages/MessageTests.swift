import Testing
import ZMQReactorTestSupport

@testable import ZMTP

/// Frame sizes of messages of every shape: copied, shared, and the two in every order.
private let shapes: [[Int]] = {
    let (small, limit, large) = (3, Chunk.Size.copied, Chunk.Size.copied + 1)
    return [
        [0], [1], [255], [256], [limit], [large], [100_000], [0, 0], [small, small, 0], [large, small], [small, large],
        [large, large], [large, 0], [0, large], [small, large, small, large, small], [large, large, large],
        [small, 0, large, 0, 300, limit, large, large, 0], Array(repeating: 2, count: 200),
        (0..<200).map { $0 % 50 == 7 ? large : $0 },
    ]
}()

private func wire(_ frames: [[UInt8]]) -> [UInt8] { Wire.message(frames) }

private func wire(_ message: Message) -> [UInt8] { message.slices.flatMap { Array($0.bytes) } }

@Suite(.hangLimit)
struct MessageTests {
    @Test("RAW-01, RAW-02: a message is its wire form, and its frames are found in it", arguments: shapes)
    func shape(sizes: [Int]) {
        let frames = sizes.enumerated().map { Pattern.bytes($1, seed: $0) }
        let message = Message(frames: frames.map { Frame($0) })
        #expect(message.count == sizes.count)
        #expect(message.byteCount == sizes.reduce(0, +))
        #expect(wire(message) == wire(frames))
        #expect(message.wireSize == wire(frames).count)
        #expect(message.elementsEqual(frames) { Array($0) == $1 })
        for number in sizes.indices where sizes.count < 20 { #expect(Array(message[number]) == frames[number]) }
        #expect(Array(message.last) == frames.last)
        #expect(message.withUnsafeBytes { Array($0) } == frames[0])
        let copy = message.copy()
        #expect(copy == message && copy.isContiguous && copy.hashValue == message.hashValue)
        #expect(wire(copy) == wire(message))
    }

    @Test(
        "removing frames from the front copies none, for every number of them",
        arguments: shapes.filter { $0.count < 20 }
    )
    func dropFirst(sizes: [Int]) {
        let frames = sizes.enumerated().map { Pattern.bytes($1, seed: $0) }
        let message = Message(frames: frames.map { Frame($0) })
        #expect(message.dropFirst(0) == message)
        for number in 1..<max(sizes.count, 2) where number < sizes.count {
            let rest = message.dropFirst(number)!
            #expect(rest.count == sizes.count - number)
            #expect(wire(rest) == wire(Array(frames[number...])))
            #expect(rest.elementsEqual(frames[number...]) { Array($0) == $1 })
            // And again from the rest.
            if rest.count > 1 { #expect(rest.dropFirst() == message.dropFirst(number + 1)) }
            for (frame, size) in zip(rest, sizes[number...]) where size > Chunk.Size.copied {
                #expect(frame.slice.chunk === message.first { $0 == frame }!.slice.chunk)
            }
        }
        // The shortcut finds the same, and nothing else.
        let behindEmpty = message.suffixBehindEmptyFrame
        #expect(behindEmpty == (sizes.count > 1 && sizes[0] == 0 ? message.dropFirst() : nil))
        #expect(behindEmpty.map { wire($0) } ?? wire(message) == wire(Array(frames[(behindEmpty == nil ? 0 : 1)...])))
        #expect(message.dropFirst(sizes.count) == nil)
        #expect(message.dropFirst(sizes.count + 5) == nil)
    }

    @Test("prepending and appending a frame, for every shape", arguments: shapes.filter { $0.count < 20 })
    func growing(sizes: [Int]) {
        let frames = sizes.enumerated().map { Pattern.bytes($1, seed: $0) }
        for extra in [[], Pattern.bytes(5), Pattern.bytes(20_000)] {
            var message = Message(frames: frames.map { Frame($0) })
            message.prepend(Frame(extra))
            #expect(wire(message) == wire([extra] + frames))
            #expect(message.dropFirst()?.elementsEqual(frames) { Array($0) == $1 } == true)
            message.append(Frame(extra))
            #expect(wire(message) == wire([extra] + frames + [extra]))
        }
    }

    @Test("messages are made of text, bytes, literals and frames")
    func making() {
        #expect(Message("abc") == Message([0x61, 0x62, 0x63] as [UInt8]))
        #expect(Message("abc") == "abc" && !(Message("abc") == "ab"))
        #expect((["a", "b"] as Message).map(\.string) == ["a", "b"])
        #expect(!((["a", "b"] as Message) == "a"))
        #expect(Message().count == 1 && Message()[0].isEmpty)
        let filled = Message(byteCount: 300) { $0.copyBytes(from: Pattern.bytes(300)) }
        #expect(filled == Message(Pattern.bytes(300)))
        #expect("\(["a", [0]] as Message)" == "[a, 00]")
        #expect(Message("text").string == "text")
    }

    @Test("messages are equal when their frames are, and not when only their bytes are")
    func equality() {
        let one: Message = ["ab", "c"]
        let two: Message = ["a", "bc"]
        #expect(one != two)
        #expect(one == ["ab", "c"])
        #expect(Set([one, two, ["ab", "c"]]).count == 2)
    }

    @Test("indices walk from frame to frame")
    func indices() {
        let message: Message = ["a", "", "c"]
        var index = message.startIndex
        var texts: [String] = []
        while index < message.endIndex {
            texts.append(message[index].string)
            index = message.index(after: index)
        }
        #expect(texts == ["a", "", "c"])
        #expect(index == message.endIndex)
        #expect(message.indices.map { message[$0].count } == [1, 0, 1])
        #expect(message.firstIndex(of: "c").map { message[$0] } == "c")
    }

    @Test("a message does not change when a copy of it grows")
    func value() {
        let one: Message = ["a"]
        var two = one
        two.append("b")
        #expect(one.count == 1 && two.count == 2)
    }

    @Test("lent bytes are released once, whatever happens to their messages")
    func lending() {
        let bytes = Pattern.bytes(30_000)
        bytes.withUnsafeBytes { bytes in
            nonisolated(unsafe) var released = 0
            do {
                var message = Message(lending: bytes) { released += 1 }
                #expect(message.withUnsafeBytes { $0.baseAddress } == bytes.baseAddress)
                let first = message
                message.prepend("envelope")
                message.append("end")
                let rest = message.dropFirst()
                message = "gone"
                #expect(rest?.count == 2 && rest?[0].count == 30_000)
                #expect(released == 0)
                withExtendedLifetime(first) {}
            }
            #expect(released == 1)
        }
    }

    @Test("an error while filling a message is rethrown")
    func failingToFill() {
        struct Failure: Error {}
        #expect(throws: Failure.self) { try Message(byteCount: 10) { _ throws(Failure) in throw Failure() } }
    }
}
