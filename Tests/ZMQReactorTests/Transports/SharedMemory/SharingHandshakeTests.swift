import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// What precedes shared memory.
struct SharingHandshakeTests {
    /// Reads as a stream does: as much as the boundary allows, of what has arrived. Returns the sizes of the reads.
    private func read(_ bytes: [UInt8], pieces: [Int]) -> (reads: [Int], boundaries: Set<Int>) {
        var boundary = HandshakeBoundary()
        var (position, arrived) = (0, 0)
        var (reads, boundaries): ([Int], Set<Int>) = ([], [])
        for piece in pieces {
            arrived += piece
            while position < arrived {
                let limit = boundary.limit
                #expect(limit > 0)
                let count = min(limit, arrived - position)
                bytes[position..<position + count].withUnsafeBytes { boundary.didRead($0) }
                position += count
                reads.append(count)
                if boundary.isAtBoundary { boundaries.insert(position) }
            }
        }
        return (reads, boundaries)
    }

    @Test("no read goes beyond a frame, however the bytes arrive")
    func frames() {
        let frames = [
            Wire.greeting(), Wire.command("HELLO", Wire.zeros(100)), Wire.command("WELCOME", Wire.zeros(300)),
            Wire.frame(flags: 4, [], long: true), Wire.frame(flags: 4, []), Wire.ready("PUSH"),
        ]
        let bytes = frames.flatMap { $0 }
        var (ends, end): (Set<Int>, Int) = ([], 0)
        for frame in frames {
            end += frame.count
            ends.insert(end)
        }
        for pieces in Cuts.of(bytes.count, seed: 3) + [[bytes.count]] {
            let (reads, boundaries) = read(bytes, pieces: pieces)
            #expect(boundaries == ends, "\(pieces)")
            #expect(reads.reduce(0, +) == bytes.count)
        }
    }

    @Test(
        "a peer of an older version is read without limit",
        arguments: [
            Wire.anonymous1, Wire.greeting2(type: 8), Wire.signature(padding: 3) + [0, 8], [UInt8(ascii: "G")],
        ]
    )
    func older(greeting: [UInt8]) {
        for pieces in Cuts.of(greeting.count, seed: 5) + [[greeting.count]] {
            let (_, boundaries) = read(greeting, pieces: pieces)
            #expect(boundaries.isEmpty)
        }
        var boundary = HandshakeBoundary()
        greeting.withUnsafeBytes { boundary.didRead($0) }
        #expect(boundary.limit >= 64 - greeting.count)
    }

    @Test("a frame that claims any size")
    func sizes() {
        var boundary = HandshakeBoundary()
        Wire.greeting().withUnsafeBytes { boundary.didRead($0) }
        let header = [6] + [UInt8](repeating: 0xFF, count: 8)
        header[..<2].withUnsafeBytes { boundary.didRead($0) }
        #expect(boundary.limit == 7)
        header[2...].withUnsafeBytes { boundary.didRead($0) }
        #expect(boundary.limit == .max)
    }

    @Test("records are what they were; anything else is none")
    func records() {
        let all: [SharingRecord] = [.offer(capacity: 4096), .offer(capacity: 1 << 20), .declined, .accepted, .refused]
        for record in all {
            #expect(record.bytes.count == SharingRecord.size && SharingRecord(record.bytes) == record)
            for position in record.bytes.indices {
                for change in 1...UInt8.max {
                    var bytes = record.bytes
                    bytes[position] ^= change
                    if let other = SharingRecord(bytes) { #expect(other != record && other.bytes == bytes) }
                }
            }
        }
        #expect(SharingRecord([]) == nil)
        #expect(SharingRecord(Array("ringO".utf8) + [11, 0, 0]) == nil, "a ring of 2 KiB")
        #expect(SharingRecord(Array("ringO".utf8) + [21, 0, 0]) == nil, "a ring of 2 MiB")
        #expect(SharingRecord(Array("ringO".utf8) + [255, 0, 0]) == nil)
    }
}
