import Testing
import ZMQReactorTesting

@testable import ZMTP

/// Messages in the form of 1.0, and as bodies alone.
@Suite struct FramePiecesTests {
    /// The output, and where each message ends there and in the queue.
    private struct Output: Equatable {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        var sizes: [Int] = []
        var isAll = true
    }

    private enum Form { case version1, bodies }

    private func translate(_ pieces: [[UInt8]], to form: Form, limit: Int = .max) -> Output {
        let transform: any SealingTransform =
            switch form {
            case .version1: Version1Transform(Engine.Configuration.accepting(.pull).limits)
            case .bodies: BodiesTransform()
            }
        var output = Output()
        for piece in pieces where output.isAll {
            var (bytes, ends, sizes) = (output.bytes, output.ends, output.sizes)
            output.isAll = piece.withUnsafeBytes {
                transform.seal($0, to: &bytes, limit: limit) { end, size in
                    ends.append(end)
                    sizes.append(size)
                }
            }
            (output.bytes, output.ends, output.sizes) = (bytes, ends, sizes)
        }
        return output
    }

    private static let messages: [[[UInt8]]] = [
        [[1]], [[]], [[], [2, 3], []], [Wire.zeros(253)], [Wire.zeros(254), [4]], [Wire.zeros(255)], [Wire.zeros(256)],
        [Wire.zeros(9_000), Wire.zeros(20_000), []],
    ]

    @Test("golden: a request to a 1.0 peer") func golden() {
        #expect(translate([hex("01 00 00 03 72 65 71")], to: .version1).bytes == hex("01 01 04 00 72 65 71"))
    }

    @Test("frames of 1.0, and back") func version1() {
        let output = translate([Self.messages.flatMap { Wire.message($0) }], to: .version1)
        #expect(output.bytes == Self.messages.flatMap { Wire.message1($0) })
        #expect(output.sizes == Self.messages.map { Wire.message($0).count })
        #expect(output.ends.last == output.bytes.count)
        let back = transcript(.accepting(.pull, legacy: true), hex("01 00") + output.bytes)
        #expect(back.messages == Self.messages.map { Wire.message($0) })
    }

    @Test("bodies alone") func bodies() {
        let output = translate([Self.messages.flatMap { Wire.message($0) }], to: .bodies)
        #expect(output.bytes == Self.messages.flatMap { $0.flatMap { $0 } })
        #expect(output.sizes == Self.messages.map { Wire.message($0).count })
    }

    @Test("a message of several pieces") func pieces() {
        let large = Frame([UInt8](repeating: 7, count: 10_000))
        let message = Message(frames: ["a", large, large, "b", Frame(), large])
        let pieces = message.slices.map { [UInt8]($0.bytes) }
        #expect(pieces.count == 6)
        let frames = message.map { [UInt8]($0) }
        let output = translate(pieces, to: .version1)
        #expect(output.bytes == Wire.message1(frames))
        #expect(output.sizes == [message.wireSize])
        #expect(translate(pieces, to: .bodies).bytes == frames.flatMap { $0 })
    }

    @Test("the limit takes effect behind a message") func limit() {
        let input = Wire.message("ab", "c") + Wire.message("d") + Wire.message("e")
        let output = translate([input, input], to: .version1, limit: 5)
        #expect(output == Output(bytes: Wire.message1("ab", "c"), ends: [7], sizes: [7], isAll: false))
        #expect(translate([input, input], to: .bodies, limit: 4).bytes == Array("abcd".utf8))
    }
}
