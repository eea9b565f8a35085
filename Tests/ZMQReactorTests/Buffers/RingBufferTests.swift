import Testing
import ZMQReactorTesting

@testable import ZMQReactor

@Suite struct RingBufferTests {
    @Test func emptyQueueOwnsNothing() {
        var ring = RingBuffer<Int>()
        #expect(ring.count == 0)
        #expect(ring.capacity == 0)
        #expect(ring.popFirst() == nil)
        #expect(ring.popLast() == nil)
        ring.removeAll()
        #expect(ring.capacity == 0)
    }

    @Test func firstInFirstOutAcrossGrowthAndWrapAround() {
        var ring = RingBuffer<Int>()
        var next = 0
        for round in 1...100 {
            for i in 0..<round { ring.append(next + i) }
            for i in 0..<round { #expect(ring.popFirst() == next + i) }
            next += round
        }
        #expect(ring.popFirst() == nil)
    }

    @Test func elementsAreChangedInPlace() {
        var ring = RingBuffer<[Int]>()
        ring.append([1])
        ring.append([2])
        ring.prepend([0])
        ring.first.append(10)
        ring[1].append(11)
        ring.last.append(12)
        #expect(ring.popFirst() == [0, 10])
        #expect(ring.popFirst() == [1, 11])
        #expect(ring.popLast() == [2, 12])
    }

    @Test func memoryOfAnEmptiedQueueIsFreed() {
        var ring = RingBuffer<Int>()
        for i in 0..<1000 { ring.append(i) }
        #expect(ring.capacity == 1024)
        while ring.popFirst() != nil {}
        #expect(ring.capacity == 0)

        for i in 0..<10 { ring.append(i) }
        ring.removeAll()
        #expect(ring.capacity == 16)
    }

    @Test func elementsAreReleasedExactlyOnce() {
        let deaths = Deaths()
        do {
            var ring = RingBuffer<Mortal>()
            for _ in 0..<7 { ring.append(Mortal(deaths)) }
            for _ in 0..<5 { _ = ring.popFirst() }
            #expect(deaths.count == 5)
            for _ in 0..<20 { ring.prepend(Mortal(deaths)) }
            #expect(deaths.count == 5)
        }
        #expect(deaths.count == 27)

        var ring = RingBuffer<Mortal>()
        for _ in 0..<3 { ring.append(Mortal(deaths)) }
        ring.removeAll()
        #expect(deaths.count == 30)
        #expect(ring.count == 0)
    }

    @Test func takesNoncopyableElements() {
        var ring = RingBuffer<Unique>()
        for i in 0..<10 { ring.append(Unique(value: i)) }
        ring[3].value = 30
        var sum = 0
        while let unique = ring.popFirst() { sum += unique.value }
        #expect(sum == 45 + 27)
    }

    @Test func behavesLikeAnArray() {
        var random = SeededGenerator(seed: 31)
        var ring = RingBuffer<String>()
        var model: [String] = []
        for step in 0..<20_000 {
            let text = "element number \(step)"
            switch random.below(step / 1000 % 2 == 0 ? 7 : 10) {
            case 0...2:
                ring.append(text)
                model.append(text)
            case 3:
                ring.prepend(text)
                model.insert(text, at: 0)
            case 4 where !model.isEmpty:
                let index = random.below(model.count)
                #expect(ring[index] == model[index])
                ring[index] = text
                model[index] = text
            case 5 where random.below(200) == 0:
                ring.removeAll()
                model.removeAll()
            case 6:
                #expect(ring.popLast() == model.popLast())
            default:
                #expect(ring.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(ring.count == model.count)
        }
        for text in model { #expect(ring.popFirst() == text) }
    }

    private final class Deaths { var count = 0 }

    private final class Mortal {
        let deaths: Deaths
        init(_ deaths: Deaths) { self.deaths = deaths }
        deinit { deaths.count += 1 }
    }

    private struct Unique: ~Copyable { var value: Int }
}
