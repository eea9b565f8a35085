import Testing
import ZMQReactorTestSupport

@testable import ZMTP

struct FrameTests {
    @Test("MSG-26: a frame consists of exactly its bytes", arguments: [0, 1, 255, 256, 8192, 8193, 100_000])
    func bytes(size: Int) {
        let bytes = Pattern.bytes(size)
        for frame in [
            Frame(bytes), Frame(bytes[...]), Frame(AnySequence(bytes)), Frame(bytes.span.bytes), Frame(bytes).copy(),
        ] {
            #expect(frame.count == size)
            #expect(frame.isEmpty == (size == 0))
            #expect(Array(frame) == bytes)
            #expect(frame.withUnsafeBytes { Array($0) } == bytes)
            #expect(frame.withContiguousStorageIfAvailable { Array($0) } == bytes)
            #expect(frame.bytes.byteCount == size)
        }
    }

    @Test("SND-02: all 256 byte values survive")
    func allBytes() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Array(Frame(bytes)) == bytes)
    }

    @Test("text goes in and comes out without a terminating zero")
    func text() {
        #expect(Array(Frame("häl")) == [0x68, 0xC3, 0xA4, 0x6C])
        #expect(Frame("häl").string == "häl")
        #expect(Frame([0xFF, 0x41]).string == "\u{FFFD}A")
        #expect(Frame("abc" as Substring) == "abc")
        #expect(Frame("abc") != Frame("abd"))
        #expect(!(Frame("abc") == "ab"))
        #expect(Frame().isEmpty && Frame() == "")
        #expect(("literal" as Frame) == "literal")
        #expect(Array([1, 2] as Frame) == [1, 2])
    }

    @Test(
        "decimal numbers as text",
        arguments: [
            ("42", 42), (" -7 ", -7), ("007", 7), ("", nil), ("4 2", nil), ("1e3", nil), ("99999999999999999999", nil),
        ]
            as [(String, Int?)]
    )
    func decimal(text: String, value: Int?) { #expect(Frame(text).decimal == value) }

    @Test("binary integers are in network byte order")
    func integers() {
        #expect(Array(Frame(integer: UInt32(0x0102_0304))) == [1, 2, 3, 4])
        #expect(Frame(integer: Int64(-2)).integer(as: Int64.self) == -2)
        #expect(Frame([1, 2]).integer(as: UInt16.self) == 258)
        #expect(Frame([1, 2]).integer(as: UInt32.self) == nil)
        // At an odd offset in a chunk.
        let message: Message = ["x", Frame(integer: UInt64.max - 1)]
        #expect(message[1].integer(as: UInt64.self) == UInt64.max - 1)
    }

    @Test("equal frames have equal hashes, wherever their bytes are")
    func hashing() {
        let message: Message = ["a", "b", "a"]
        #expect(message[0] == message[2])
        #expect(Set(message.map { $0 }).count == 2)
    }

    @Test("a frame's description is its text, or its bytes if they are not text")
    func description() {
        #expect("\(Frame("text 1"))" == "text 1")
        #expect("\(Frame([0, 0xAB]))" == "00ab")
        #expect("\(Frame())" == "")
    }

    @Test("a copy keeps nothing else alive")
    func copy() {
        weak var chunk: Chunk?
        var copy: Frame
        do {
            let message: Message = ["first", "second"]
            chunk = message.chunk
            copy = message[1].copy()
        }
        #expect(chunk == nil)
        #expect(copy == "second")
        copy = ""
    }

    @Test("lent bytes are not copied, and released once")
    func lending() {
        let bytes = Pattern.bytes(20_000)
        bytes.withUnsafeBytes { bytes in
            nonisolated(unsafe) var released = 0
            do {
                let frame = Frame(lending: bytes) { released += 1 }
                #expect(frame.withUnsafeBytes { $0.baseAddress } == bytes.baseAddress)
                let message = Message(frames: ["head", frame, "tail"])
                #expect(message[1].withUnsafeBytes { $0.baseAddress } == bytes.baseAddress)
                #expect(released == 0)
            }
            #expect(released == 1)
        }
    }
}
