import Testing
import ZMTP

@Suite
struct MessageEnvelopeTests {
    /// Frames that are copied next to each other, and one that is shared.
    private static let messages: [Message] = [
        ["a", "", "c", "d"],
        [Frame("a"), Frame(), Frame([UInt8](repeating: 7, count: 100_000)), "d"],
        [Frame([UInt8](repeating: 7, count: 100_000)), "", "c", Frame([UInt8](repeating: 8, count: 100_000))],
    ]

    @Test("a frame that a message does not have is nil", arguments: messages)
    func frames(message: Message) {
        for number in 0..<4 { #expect(message.frame(number) == message[number]) }
        for number in [-1, 4, .max, .min] { #expect(message.frame(number) == nil) }
    }

    @Test("the frames at the beginning and at the end; nil if there are fewer", arguments: messages)
    func ends(message: Message) {
        let frames = Array(message)
        for number in 1...4 {
            #expect(message.prefix(number).map(Array.init) == Array(frames.prefix(number)))
            #expect(message.suffix(number).map(Array.init) == Array(frames.suffix(number)))
        }
        for number in [0, -1, 5, .max, .min] {
            #expect(message.prefix(number) as Message? == nil)
            #expect(message.suffix(number) as Message? == nil)
        }
    }

    @Test(
        "a message splits behind a number of frames, and is whole again when its parts are joined",
        arguments: messages
    )
    func splits(message: Message) throws {
        for number in 1...3 {
            let (envelope, body) = try #require(message.split(envelope: number))
            #expect(envelope.count == number)
            #expect(body.count == 4 - number)
            #expect(envelope + body == message)
            var joined = envelope
            joined.append(contentsOf: body)
            #expect(joined == message)
        }
        for number in [0, -1, 4, 5, .max, .min] { #expect(message.split(envelope: number) == nil) }
    }

    @Test("a message splits behind its first empty frame")
    func delimiter() throws {
        let (envelope, body) = try #require((["id", "", "x", "", "y"] as Message).splitAtDelimiter())
        #expect(envelope == ["id", ""])
        #expect(body == ["x", "", "y"])
        for message: Message in ["x", "", ["x", ""], ["x", "y"]] { #expect(message.splitAtDelimiter() == nil) }
    }

    @Test("joining leaves both messages as they were")
    func values() {
        let left: Message = ["a", "b"]
        let right: Message = ["c", "d"]
        var joined = left
        joined.append(contentsOf: right)
        joined.append(contentsOf: "e")
        #expect(joined == ["a", "b", "c", "d", "e"])
        #expect(left == ["a", "b"])
        #expect(right == ["c", "d"])
    }

    @Test("a message of texts, whatever kind of text they are")
    func texts() {
        #expect(Message(texts: ["a", "", "ü"]) == ["a", "", "ü"])
        #expect(Message(texts: "to be or not".split(separator: " ")) == ["to", "be", "or", "not"])
    }
}
