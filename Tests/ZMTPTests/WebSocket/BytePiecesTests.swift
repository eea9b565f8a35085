import Testing
import ZMQReactorTestSupport

@testable import ZMTP

@Suite struct BytePiecesTests {
    @Test("bytes leave as they have come, whatever the sizes", arguments: [1, 7, 1000, BytePieces.pieceSize, 200_000])
    func order(size: Int) {
        let bytes = Pattern.bytes(200_000)
        for room in [1000, BytePieces.pieceSize, 300_000] {
            var pieces = BytePieces()
            var parts = 0
            for start in stride(from: 0, to: bytes.count, by: size) where size > 7 || start < 2000 {
                let part = bytes[start..<min(start + size, bytes.count)]
                let isStored = part.withUnsafeBytes { pieces.append($0) { parts += $0.count } }
                #expect(isStored)
            }
            let count = pieces.count
            #expect(count == parts)
            var more = BytePieces()
            more.append([1, 2])
            pieces.append(more)
            pieces.append([3])
            var found: [UInt8] = []
            while !pieces.isEmpty {
                let part = [UInt8](unsafeUninitializedCapacity: room) {
                    $1 = pieces.take(into: UnsafeMutableRawBufferPointer($0))
                }
                #expect(part.count == min(room, count + 3 - found.count))
                found += part
            }
            #expect(found == bytes[..<count] + [1, 2, 3])
            #expect(pieces.takeAll().isEmpty)
        }
    }
}
