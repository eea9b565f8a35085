import Testing

@testable import EventReactor

@Suite struct TimerQueueTests {
    private func drain(_ queue: inout TimerQueue<Int>, at now: Int64 = .max) -> [Int] {
        var result: [Int] = []
        while let slot = queue.firstDue(at: now, startedBefore: .max) { result.append(queue.remove(slot)) }
        return result
    }

    @Test func inOrderOfDeadline() {
        var queue = TimerQueue<Int>()
        for deadline in [5, 3, 9, 1, 7, 2, 8, 4, 6] { _ = queue.insert(deadline, deadline: Int64(deadline)) }
        #expect(queue.earliest == 1)
        #expect(drain(&queue, at: 4) == [1, 2, 3, 4])
        #expect(queue.count == 5)
        #expect(drain(&queue) == [5, 6, 7, 8, 9])
        #expect(queue.isEmpty)
        #expect(queue.earliest == nil)
    }

    @Test func equalDeadlinesInOrderOfStart() {
        var queue = TimerQueue<Int>()
        var slots: [TimerQueue<Int>.Slot] = []
        for number in 0..<100 { slots.append(queue.insert(number, deadline: 7)) }
        queue.reschedule(slots[0], deadline: 7)
        #expect(queue.remove(slots[50]) == 50)
        #expect(drain(&queue) == Array(1..<50) + Array(51..<100) + [0])
    }

    @Test func whatIsStartedAfterTheLimitWaits() {
        var queue = TimerQueue<Int>()
        _ = queue.insert(1, deadline: 10)
        let limit = queue.nextOrder
        let early = queue.insert(2, deadline: 10)
        #expect(queue.firstDue(at: 10, startedBefore: limit).map { queue.remove($0) } == 1)
        #expect(queue.firstDue(at: 10, startedBefore: limit) == nil)
        #expect(queue.firstDue(at: 10, startedBefore: .max) == early)
    }

    /// Against a sorted list, with many ties.
    @Test func agreesWithASortedListThroughRandomChanges() {
        struct Model {
            let number: Int
            var deadline: Int64
            var order: Int
            let slot: TimerQueue<Int>.Slot
        }
        var random = SplitMix(state: 42)
        var queue = TimerQueue<Int>()
        var model: [Model] = []
        var order = 0
        for step in 0..<6_000 {
            order += 1
            let deadline = Int64.random(in: 0..<500, using: &random)
            switch Int.random(in: 0..<(step < 2_000 ? 5 : 8), using: &random) {
            case 0, 1, 2:
                model.append(
                    Model(
                        number: step,
                        deadline: deadline,
                        order: order,
                        slot: queue.insert(step, deadline: deadline)
                    )
                )
            case 3 where !model.isEmpty:
                let index = Int.random(in: model.indices, using: &random)
                model[index].deadline = deadline
                model[index].order = order
                queue.reschedule(model[index].slot, deadline: deadline)
                #expect(queue.deadline(of: model[index].slot) == deadline)
            case 4 where !model.isEmpty:
                let gone = model.remove(at: Int.random(in: model.indices, using: &random))
                #expect(queue.remove(gone.slot) == gone.number)
            default:
                let first = model.indices.min {
                    (model[$0].deadline, model[$0].order) < (model[$1].deadline, model[$1].order)
                }
                #expect(queue.earliest == first.map { model[$0].deadline })
                if let first, let slot = queue.firstDue(at: .max, startedBefore: .max) {
                    #expect(queue.element(at: slot) == model[first].number)
                    queue.remove(slot)
                    model.remove(at: first)
                }
            }
            if queue.count != model.count { Issue.record("count differs at step \(step)") }
        }
        model.sort { ($0.deadline, $0.order) < ($1.deadline, $1.order) }
        #expect(drain(&queue) == model.map(\.number))
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
