import Testing
import ZMQReactorTestSupport

@testable import ZMTP

@Suite struct MessageAPITests {
    @Test("MSG-10: messages are made empty, of a size, or from existing data")
    func making() {
        #expect(Message().count == 1 && Message().byteCount == 0)
        let bytes = Pattern.bytes(300)
        let filled = Message(byteCount: 300) { $0.copyBytes(from: bytes) }
        let other = [Message(bytes), Message(bytes.span.bytes), Message(bytes.lazy.map { $0 })]
        for message in other { #expect(message == filled) }
        #expect(Array(filled[0]) == bytes)
        #expect(Message("text") == "text" && Message("text"[...]) == "text")
        let number = 7
        let parts: Message = ["number \(number)", [1, 2, 3], "", Frame(integer: UInt16(513))]
        #expect(parts.map(Array.init) == [Array("number 7".utf8), [1, 2, 3], [], [2, 1]])
    }

    @Test("MSG-17, MSG-22, MSG-26: data and sizes; empty frames anywhere; no terminating zero")
    func reading() {
        #expect(Message("Hello").byteCount == 5)
        let message: Message = ["", "a", "", ""]
        #expect(message.count == 4 && message.byteCount == 1 && message.strings == ["", "a", "", ""])
        #expect(message[0].isEmpty && message.last.isEmpty)
        #expect(message != ["", "a", ""] && message != ["", "", "a", ""])
    }

    @Test("Frames are read directly as numbers, text and bytes")
    func frames() {
        #expect(Frame(integer: -2 as Int64).integer(as: Int64.self) == -2)
        #expect(Frame(integer: 0x0102 as UInt16).elementsEqual([1, 2]))
        #expect(Frame([1, 2]).integer(as: UInt32.self) == nil)
        #expect(Frame(" -48\n").decimal == -48 && Frame("4x").decimal == nil && Frame("").decimal == nil)
        #expect(Frame([0xff, 0x41]).string == "\u{fffd}A")
        let frame = Frame([1, 2, 3])
        #expect(frame.bytes.byteCount == 3 && frame.bytes.unsafeLoad(fromByteOffset: 2, as: UInt8.self) == 3)
        #expect(frame.first == 1 && frame[1] == 2 && Array(frame) == [1, 2, 3])
        #expect(Frame() == "" && Frame("A") == [65])
    }

    @Test(
        "MSG-02: a buffer of fixed size is filled, and the full size returned",
        arguments: [0, 1, 254, 255, 299, 300, 400]
    )
    func fixedBuffer(size: Int) {
        let bytes = Pattern.bytes(300)
        let message = Message(frames: [Frame(bytes[..<200]), Frame(), Frame(bytes[200...])])
        var buffer = [UInt8](repeating: 0, count: size)
        #expect(buffer.withUnsafeMutableBytes { message.copyBytes(to: $0) } == 300)
        #expect(buffer[..<min(size, 300)] == bytes[..<min(size, 300)])
        #expect(buffer.dropFirst(300).allSatisfy { $0 == 0 })
        buffer = [UInt8](repeating: 0, count: size)
        #expect(buffer.withUnsafeMutableBytes { message[0].copyBytes(to: $0) } == 200)
        #expect(buffer.prefix(200) == bytes[..<min(size, 200)])
    }

    @Test("MSG-13: a copy shares the memory of its original, and copy() does not")
    func copies() {
        let original: Message = ["a", "b"]
        let shared = original
        #expect(shared.chunk === original.chunk)
        let own = original.copy()
        #expect(own.chunk !== original.chunk && own == original)
        #expect(original[1].copy() == "b")
    }
}

@Suite struct MessageExtendingTests {
    private static let sizes = [0, 1, 100, 255, 256, 8 * 1024, 8 * 1024 + 1, 100_000]

    @Test("Append and prepend agree with building from frames", arguments: sizes, sizes)
    func agrees(size: Int, added: Int) {
        let frame = Frame(Pattern.bytes(added, seed: 2))
        let starts: [[Frame]] = [
            [Frame(Pattern.bytes(size))], ["a", Frame(Pattern.bytes(size)), ""], [Frame(Pattern.bytes(size)), "z"],
        ]
        for frames in starts {
            var (message, other) = (Message(frames: frames), Message(frames: frames))
            let kept = message
            message.append(frame)
            #expect(message == Message(frames: frames + [frame]) && message.count == frames.count + 1)
            #expect(kept == Message(frames: frames))
            message.prepend(frame)
            #expect(message == Message(frames: [frame] + frames + [frame]))
            other.prepend(frame)
            #expect(other == Message(frames: [frame] + frames))
            other.append("")
            #expect(other == Message(frames: [frame] + frames + [""]))
            // What is queued is the wire form.
            var batch = MessageBatch(other.copy())
            #expect(batch.next() == other)
            #expect(other.copy().dropFirst() == Message(frames: frames + [""]))
            #expect(other.dropFirst() == Message(frames: frames + [""]))
        }
    }

    @Test("An unshared message grows in place")
    func growsInPlace() {
        var message = Message("0")
        var moves = 0
        for number in 1..<1000 {
            let before = message.chunk.base
            message.append("\(number)")
            if message.chunk.base != before { moves += 1 }
        }
        #expect(message.strings == (0..<1000).map { "\($0)" })
        #expect(moves < 20)
    }

    @Test("a copied message is not changed by changes of its copy")
    func copyOnWrite() {
        var message: Message = ["a"]
        message.append("b")
        let copy = message
        let frame = message[1]
        message.append("c")
        #expect(copy == ["a", "b"] && frame == "b" && message == ["a", "b", "c"])
        message.append(message[0])
        #expect(message == ["a", "b", "c", "a"])
    }

    @Test("A slice of a read chunk is extended in other memory")
    func slices() {
        let chunk = Chunk(capacity: 100)
        for (offset, byte) in ([0, 1, 65, 0, 1, 66] as [UInt8]).enumerated() {
            chunk.base.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
        }
        var batch = MessageBatch(chunk: chunk, start: 0, end: 6, count: 2)
        var (first, second) = (batch.next()!, batch.next()!)
        first.append("x")
        second.prepend("y")
        #expect(first == ["A", "x"] && second == ["y", "B"])
        #expect(Message(chunk: chunk, start: 3, end: 6, frameCount: 1) == "B")
    }
}

@Suite struct LendingTests {
    /// A buffer that counts how often it was released.
    final class Lender: @unchecked Sendable {
        let bytes: UnsafeMutableRawBufferPointer
        var releases = 0
        init(_ size: Int) {
            bytes = .allocate(byteCount: size, alignment: 1)
            bytes.copyBytes(from: Pattern.bytes(size))
        }
        deinit { bytes.deallocate() }
        func frame() -> Frame { Frame(lending: UnsafeRawBufferPointer(bytes)) { self.releases += 1 } }
    }

    @Test(
        "MSG-13, MSG-14: lent bytes are released once, when the last message is gone",
        arguments: [0, 10, 100_000]
    )
    func once(size: Int) {
        let lender = Lender(size)
        do {
            var messages: [Message] = []
            do {
                let frame = lender.frame()
                messages = [["a", frame], Message(frames: [frame, frame])]
                #expect(Array(frame) == Pattern.bytes(size))
            }
            if size > Chunk.Size.copied { #expect(lender.releases == 0) }
            #expect(Array(messages[1].last) == Pattern.bytes(size))
            messages.removeLast()
            messages[0].append("tail")
            messages[0].prepend("head")
            #expect(messages[0].strings.first == "head" && messages[0].count == 4)
        }
        #expect(lender.releases == 1)
    }

    @Test("ZCP-02: lent bytes are not copied, and never written to")
    func inPlace() {
        let lender = Lender(50_000)
        var message: Message = ["a", lender.frame()]
        message.append("b")
        message.prepend("c")
        message[2].withUnsafeBytes { #expect($0.baseAddress == UnsafeRawPointer(lender.bytes.baseAddress!)) }
        #expect(Array(lender.bytes) == Pattern.bytes(50_000))
    }
}
