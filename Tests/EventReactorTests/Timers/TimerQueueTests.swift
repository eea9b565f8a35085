import Testing

@testable import EventReactor

@Suite struct TimerQueueTests {
    private final class Item: TimerQueueElement {
        let number: Int
        var position = -1
        init(_ number: Int) { self.number = number }
    }

    private func drain(_ queue: inout TimerQueue<Item>, at now: Int64 = .max) -> [Int] {
        var result: [Int] = []
        while let item = queue.firstDue(at: now, startedBefore: .max) {
            queue.remove(item)
            result.append(item.number)
        }
        return result
    }

    @Test func inOrderOfDeadline() {
        var queue = TimerQueue<Item>()
        for deadline in [5, 3, 9, 1, 7, 2, 8, 4, 6] { queue.insert(Item(deadline), deadline: Int64(deadline)) }
        let earliest = queue.earliest
        #expect(earliest == 1)
        let (early, left) = (drain(&queue, at: 4), queue.count)
        #expect(early == [1, 2, 3, 4])
        #expect(left == 5)
        let (rest, isEmpty, noneLeft) = (drain(&queue), queue.isEmpty, queue.earliest)
        #expect(rest == [5, 6, 7, 8, 9])
        #expect(isEmpty)
        #expect(noneLeft == nil)
    }

    @Test func equalDeadlinesInOrderOfStart() {
        var queue = TimerQueue<Item>()
        let items = (0..<100).map { Item($0) }
        for item in items { queue.insert(item, deadline: 7) }
        queue.reschedule(items[0], deadline: 7)
        queue.remove(items[50])
        #expect(items[50].position == -1)
        let order = drain(&queue)
        #expect(order == Array(1..<50) + Array(51..<100) + [0])
    }

    @Test func timersStartedAfterTheLimitWait() {
        var queue = TimerQueue<Item>()
        let (first, second) = (Item(1), Item(2))
        queue.insert(first, deadline: 10)
        let limit = queue.nextOrder
        queue.insert(second, deadline: 10)
        let due = queue.firstDue(at: 10, startedBefore: limit)
        #expect(due === first)
        queue.remove(first)
        let (late, later) = (
            queue.firstDue(at: 10, startedBefore: limit), queue.firstDue(at: 10, startedBefore: .max)
        )
        #expect(late == nil)
        #expect(later === second)
    }

    @Test func holdsItsElementsUntilTheyAreRemoved() {
        var queue = TimerQueue<Item>()
        weak var kept: Item?
        weak var removed: Item?
        do {
            let (first, second) = (Item(1), Item(2))
            (kept, removed) = (first, second)
            queue.insert(first, deadline: 1)
            queue.insert(second, deadline: 2)
            queue.remove(second)
        }
        #expect(kept != nil)
        #expect(removed == nil)
        queue = TimerQueue<Item>()
        #expect(kept == nil)
    }

    /// Against a sorted list, with many ties.
    @Test func agreesWithASortedListThroughRandomChanges() {
        struct Model {
            let item: Item
            var deadline: Int64
            var order: Int
        }
        var random = SplitMix(state: 42)
        var queue = TimerQueue<Item>()
        var model: [Model] = []
        var order = 0
        for step in 0..<6_000 {
            order += 1
            let deadline = Int64.random(in: 0..<500, using: &random)
            switch Int.random(in: 0..<(step < 2_000 ? 5 : 8), using: &random) {
            case 0, 1, 2:
                let item = Item(step)
                queue.insert(item, deadline: deadline)
                model.append(Model(item: item, deadline: deadline, order: order))
            case 3 where !model.isEmpty:
                let index = Int.random(in: model.indices, using: &random)
                model[index].deadline = deadline
                model[index].order = order
                queue.reschedule(model[index].item, deadline: deadline)
            case 4 where !model.isEmpty:
                queue.remove(model.remove(at: Int.random(in: model.indices, using: &random)).item)
            default:
                let first = model.indices.min {
                    (model[$0].deadline, model[$0].order) < (model[$1].deadline, model[$1].order)
                }
                let earliest = queue.earliest
                #expect(earliest == first.map { model[$0].deadline })
                if let first, let item = queue.firstDue(at: .max, startedBefore: .max) {
                    #expect(item === model[first].item)
                    queue.remove(item)
                    model.remove(at: first)
                }
            }
            if queue.count != model.count { Issue.record("count differs at step \(step)") }
        }
        let elements = Set(queue.elements.map(ObjectIdentifier.init))
        #expect(elements == Set(model.map { ObjectIdentifier($0.item) }))
        model.sort { ($0.deadline, $0.order) < ($1.deadline, $1.order) }
        let rest = drain(&queue)
        #expect(rest == model.map(\.item.number))
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }
}
