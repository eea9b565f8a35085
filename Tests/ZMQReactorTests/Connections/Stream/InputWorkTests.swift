import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

#if DEBUG
    /// However a peer splits its output, at most two bytes are moved for each that arrives.
    @Suite(.hangLimit)
    struct InputWorkTests {
        enum Version: CaseIterable {
            case v3_1, v3_0, v2_0, v1_0

            var handshake: [UInt8] {
                switch self {
                case .v3_1: Wire.greeting(minor: 1) + Wire.ready("PUSH")
                case .v3_0: Wire.greeting(minor: 0) + Wire.ready("PUSH")
                case .v2_0: Wire.greeting2(type: 8)
                case .v1_0: Wire.anonymous1
                }
            }

            /// The header of a frame, in the long form unless it is short.
            func header(_ size: Int, isLast: Bool) -> [UInt8] {
                let more: UInt8 = isLast ? 0 : 1
                let isOld = self == .v1_0
                guard size > (isOld ? 253 : 255) else { return isOld ? [UInt8(size + 1), more] : [more, UInt8(size)] }
                let length = (0..<8).map { UInt8(truncatingIfNeeded: (isOld ? size + 1 : size) >> (56 - 8 * $0)) }
                return isOld ? [0xFF] + length + [more] : [more | 2] + length
            }

            func frames(_ count: Int, of size: Int) -> [UInt8] {
                let frame = header(size, isLast: false) + [UInt8](repeating: 0, count: size)
                return [UInt8](unsafeUninitializedCapacity: frame.count * count) { all, initialized in
                    for number in 0..<count {
                        UnsafeMutableRawBufferPointer(all).baseAddress!.advanced(by: number * frame.count)
                            .copyMemory(from: frame, byteCount: frame.count)
                    }
                    initialized = frame.count * count
                }
            }
        }

        /// A connection's reading state, and its cost.
        struct Reader: ~Copyable {
            var buffer = InputBuffer(pool: ChunkPool())
            var engine = Engine(Engine.Configuration(socketType: .pull, role: .accepting))
            var arrived = 0
            var messages = 0
            let version: Version

            init(_ version: Version) throws {
                self.version = version
                try arrive(version.handshake)
            }

            var moved: Int { buffer.moved + engine.movedBytes }

            mutating func arrive(_ bytes: [UInt8], cutAfter piece: Int = .max) throws {
                var offset = 0
                while offset < bytes.count {
                    let prepared = buffer.prepareToRead()
                    let room = try #require(prepared)
                    let part = bytes[offset..<min(bytes.count, offset + min(piece, room.count))]
                    room.copyBytes(from: part)
                    offset += part.count
                    try handle(part.count)
                }
            }

            mutating func arrive(zeros count: Int, cutAfter piece: Int = .max) throws {
                var left = count
                while left > 0 {
                    let prepared = buffer.prepareToRead()
                    let room = try #require(prepared)
                    let part = min(left, piece, room.count)
                    memset(room.baseAddress!, 0, part)
                    left -= part
                    try handle(part)
                }
            }

            private mutating func handle(_ count: Int) throws {
                arrived += count
                buffer.didRead(count)
                while !buffer.isEmpty {
                    switch try engine.next(&buffer.window, limit: .max) {
                    case .messages(_, _, let count): messages += count
                    case .needsInput(let wanted):
                        let hasMemory = buffer.settle(wanted: wanted, hasMovedBytes: engine.hasMovedBytes)
                        return try #require(hasMemory)
                    case .undecided, .handshakeCompleted, .subscription, .pong, .commands, .part, .bytes: break
                    }
                }
                let hasMemory = buffer.settle(wanted: 0)
                try #require(hasMemory)
            }

            func check(_ messages: Int, _ location: SourceLocation = #_sourceLocation) {
                let (moved, arrived, whole) = (moved, arrived, self.messages)
                #expect(moved <= 2 * arrived, sourceLocation: location)
                #expect(whole == messages, sourceLocation: location)
            }
        }

        @Test("one huge frame", arguments: Version.allCases, [1 << 12, 200_000, .max])
        func hugeFrame(version: Version, cut: Int) throws {
            var reader = try Reader(version)
            for _ in 0..<2 {
                try reader.arrive(version.header(40_000_000, isLast: true))
                try reader.arrive(zeros: 40_000_000, cutAfter: cut)
            }
            reader.check(2)
        }

        @Test("a message of many frames", arguments: Version.allCases, [0, 100, 1000, 65_536])
        func manyFrames(version: Version, size: Int) throws {
            var reader = try Reader(version)
            let frames = version.frames(20_000_000 / (size + 40), of: size)
            let last = version.header(0, isLast: true)
            for cut in [10_000, 300_000, .max] { try reader.arrive(frames + last, cutAfter: cut) }
            reader.check(3)
        }

        @Test(
            "200 MB of an unfinished message, followed by two bytes at a time",
            arguments: Version.allCases,
            [true, false]
        )
        func tinyReads(version: Version, isOneFrame: Bool) throws {
            var reader = try Reader(version)
            let size = 1_000_000
            let rest = 200_000
            if isOneFrame { try reader.arrive(version.header(200 * size + rest, isLast: true)) }
            for _ in 0..<200 {
                if !isOneFrame { try reader.arrive(version.header(size, isLast: false)) }
                try reader.arrive(zeros: size)
            }
            if !isOneFrame { try reader.arrive(version.header(rest, isLast: true)) }
            let before = reader.moved
            try reader.arrive(zeros: rest, cutAfter: 2)
            let moved = reader.moved - before
            #expect(moved <= 2 * rest)
            reader.check(1)
        }

        @Test("small messages two bytes at a time", arguments: Version.allCases, [1, 100, 253, 2000, 5000])
        func smallMessages(version: Version, size: Int) throws {
            var reader = try Reader(version)
            let message = version.header(size, isLast: true) + [UInt8](repeating: 7, count: size)
            for _ in 0..<3 { try reader.arrive(message, cutAfter: 2) }
            try reader.arrive(message + message.dropLast(), cutAfter: 2)
            try reader.arrive(message.suffix(1))
            reader.check(5)
        }

        @Test(
            "a message of many frames, where the buffer has just grown",
            arguments: Version.allCases,
            [100, 1000, 30_000]
        )
        func grown(version: Version, frame: Int) throws {
            for size in [66_000, 132_000, 530_000, 1_060_000, 2_120_000] {
                var reader = try Reader(version)
                try reader.arrive(
                    version.frames(size / frame, of: frame) + version.header(0, isLast: true),
                    cutAfter: 1000
                )
                // Only the very first bytes have moved once more, out of the small buffer.
                #expect(reader.moved <= 2 * reader.arrived + Chunk.Size.small && reader.messages == 1)
            }
        }

        @Test(
            "skipped bytes between the frames of a message, whatever their size",
            arguments: [Version.v3_1, .v1_0],
            [66_000, 140_000, 600_000, 1_100_000, 2_200_000]
        )
        func skipped(version: Version, size: Int) throws {
            for (frame, cut) in [(100, 1000), (1000, 70_000), (1000, .max), (30_000, 7), (30_000, 65_536)] {
                var reader = try Reader(version)
                // A length of 0 is skipped in 1.0.
                let gap = version == .v1_0 ? [0] : Wire.command("PONG", [1])
                let one = version.frames(1, of: frame) + gap
                let all = [[UInt8]](repeating: one, count: size / one.count).flatMap { $0 }
                try reader.arrive(all + version.header(0, isLast: true), cutAfter: cut)
                // The frames move down over the skipped bytes, each once.
                #expect(reader.engine.movedBytes <= reader.arrived)
                reader.check(1)
            }
        }

        @Test("commands between the frames of a large message", arguments: [1000, 70_000, .max])
        func commands(cut: Int) throws {
            var reader = try Reader(.v3_1)
            let one = Version.v3_1.frames(1, of: 1000) + Wire.command("PONG", [1])
            let all = [[UInt8]](repeating: one, count: 10_000).flatMap { $0 }
            try reader.arrive(all + [0, 0], cutAfter: cut)
            reader.check(1)
        }
    }
#endif
