import Testing
import ZMQReactorTesting

@testable import ZMTP

#if DEBUG
    /// The work that a peer can cause grows with its input, not faster: counted in frames scanned and bytes moved.
    @Suite struct WorkTests {
        /// The work for `input` behind a handshake, read in pieces of `size` into one buffer.
        private func work(_ input: [UInt8], pieces size: Int, limit: Int = .max) -> (work: Int, found: Transcript) {
            var session = Session(.accepting(.pull), limit: limit)
            session.feed(Wire.greeting() + Wire.ready(.push))
            let buffer = UnsafeMutableRawPointer.allocate(byteCount: input.count, alignment: 1)
            defer { buffer.deallocate() }
            var view = Input(base: buffer, end: 0)
            var rest = input[...]
            while !rest.isEmpty {
                let piece = rest.prefix(size)
                UnsafeMutableRawBufferPointer(start: buffer + view.end, count: piece.count).copyBytes(from: piece)
                view.end += piece.count
                rest = rest.dropFirst(size)
                session.drain(&view)
            }
            return (session.engine.scanner.work, session.transcript)
        }

        @Test("a message of 100 000 frames, byte by byte") func manyFrames() {
            let frames = 100_000
            let message = Wire.message([[UInt8]](repeating: [7], count: frames))
            let (work, found) = work(message, pieces: 1)
            #expect(found.messages == [message])
            #expect(work == frames)
            #expect(found.calls <= message.count + 4)
        }

        @Test("a large frame, byte by byte") func largeFrame() {
            let message = Wire.message([Wire.zeros(100_000)])
            let (work, found) = work(message, pieces: 1)
            #expect(found.messages == [message])
            #expect(work == 1)
        }

        @Test("DEV-33: commands between all frames", arguments: [1, 2, 13, 1_000, .max])
        func interleaved(pieces: Int) {
            let body = [UInt8](repeating: 3, count: 10)
            let frame = Wire.frame(flags: 1, body)
            let one = Wire.pong("0123456789") + Wire.ping() + frame
            let input = frame + [[UInt8]](repeating: one, count: 5_000).flatMap { $0 } + Wire.message("end")
            let (work, found) = work(input, pieces: min(pieces, input.count))
            #expect(found.messages.map(\.count) == [5_001 * frame.count + 5])
            #expect(found.pongs.count == 5_000)
            // Each byte of a frame moves once at most, and each frame is scanned once.
            #expect(work <= input.count + 5_002)
        }

        @Test(
            "DEV-33: a large part of a message does not move because of commands behind it",
            arguments: [1, 9, 1_000]
        )
        func largeHead(pieces: Int) {
            let head = Wire.frame(flags: 1, Wire.zeros(100_000))
            let commands = [[UInt8]](repeating: Wire.pong("x") + Wire.ping("y"), count: 2_000).flatMap { $0 }
            let (work, found) = work(head + commands + Wire.message("end"), pieces: pieces)
            #expect(found.messages.map(\.count) == [head.count + 5])
            #expect(found.pongs.count == 2_000)
            #expect(work <= commands.count + 100)
        }

        @Test("batches that end at a limit are not scanned again") func limits() {
            let message = Wire.message([[1], [2], [3]])
            let input = [[UInt8]](repeating: message, count: 10_000).flatMap { $0 }
            let (work, found) = work(input, pieces: input.count, limit: 3)
            #expect(found.messages.count == 10_000)
            #expect(work == 30_000)
        }
    }
#endif
