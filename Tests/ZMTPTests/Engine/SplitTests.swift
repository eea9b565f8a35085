import Testing

@testable import ZMTP

@Suite struct SplitTests {
    @Test("an input means the same at every split of it", arguments: Example.all)
    func everySplit(example: Example) {
        let whole = transcript(example.configuration, example.input)
        for split in 0...example.input.count {
            let found = transcript(example.configuration, example.input, pieces: [split])
            #expect(found == whole, "split at \(split)")
        }
    }

    @Test("an input means the same byte by byte", arguments: Example.all, [1, 2, 3, 7])
    func pieces(example: Example, size: Int) {
        let whole = transcript(example.configuration, example.input)
        let pieces = [Int](repeating: size, count: example.input.count / size)
        #expect(transcript(example.configuration, example.input, pieces: pieces) == whole)
    }

    @Test("an input means the same with short batches", arguments: Example.all, [1, 2])
    func limits(example: Example, limit: Int) {
        let whole = transcript(example.configuration, example.input)
        for split in 0...example.input.count {
            let found = transcript(example.configuration, example.input, pieces: [split], limit: limit)
            #expect(found == whole, "split at \(split)")
        }
    }

    @Test("the sessions have the outcomes of their names") func outcomes() {
        let found = Example.current.map { transcript($0.configuration, $0.input) }
        #expect(found.map(\.messages.count) == [4, 2, 2, 6, 0, 0, 1, 0, 0])
        #expect(found.map(\.pongs.count) == [0, 0, 2, 0, 0, 0, 0, 0, 0])
        #expect(
            found.map { $0.failure?.code } == [
                nil, nil, nil, nil, .refusedByPeer, .incompatibleSocketType, .malformedFrame, .unsupportedVersion,
                .mechanismMismatch,
            ]
        )
        let legacy = Example.legacy.map { transcript($0.configuration, $0.input) }
        #expect(legacy.map(\.messages.count) == [6, 2, 1, 3, 2, 1, 1, 2, 0, 0])
        #expect(
            legacy.map { $0.failure?.code } == [
                nil, nil, nil, nil, nil, .malformedFrame, .malformedFrame, nil, .incompatibleSocketType,
                .unsupportedVersion,
            ]
        )
    }
}
