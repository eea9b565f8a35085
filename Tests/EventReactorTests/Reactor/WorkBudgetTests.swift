import Testing

@testable import EventReactor

/// Work of which every piece takes the same time.
private struct Worker {
    var budget = WorkBudget()
    var now: Int64 = 1_000_000

    /// What is done in one turn when there is more than enough to do, and in portions of how many pieces.
    mutating func turn(piece: Int64, of available: Int = .max, sharedBy share: Int = 1) -> [Int] {
        var (portions, left) = ([] as [Int], available)
        budget.begin(sharedBy: share)
        while left > 0, budget.portion > 0 || budget.renew(at: now) {
            let done = min(budget.portion, left)
            portions.append(done)
            now += piece * Int64(done)
            budget.portion -= done
            left -= done
        }
        if budget.isMeasuring { budget.end(at: now) }
        return portions
    }
}

struct WorkBudgetTests {
    @Test("work that takes no time is done up to the number of pieces, and soon in the largest portions")
    func quick() {
        var worker = Worker()
        for _ in 0..<3 { #expect(worker.turn(piece: 0).reduce(0, +) == WorkBudget.pieces) }
        let portions = worker.turn(piece: 0)
        #expect(portions == [64, 512, 448])
    }

    @Test(
        "work that takes time is done about as long as the budget says",
        arguments: [100, 200, 333, 1000, 5000, 20_000] as [Int64]
    )
    func steady(piece: Int64) {
        var worker = Worker()
        for _ in 0..<10 { _ = worker.turn(piece: piece) }
        let time = Int64(worker.turn(piece: piece).reduce(0, +)) * piece
        // What fits the first portion is not measured, and one that is too slow halves it.
        #expect(time >= min(WorkBudget.time / 4, Int64(WorkBudget.pieces) * piece))
        #expect(time <= 2 * WorkBudget.time)
    }

    @Test(
        "many that share a budget take about as long together as one, as long as that is worth a turn",
        arguments: [2, 4, 20, 100]
    )
    func shared(share: Int) {
        var worker = Worker()
        for piece in [1, 20, 300] as [Int64] {
            for _ in 0..<10 { _ = worker.turn(piece: piece) }
            let pieces = worker.turn(piece: piece, sharedBy: share).reduce(0, +)
            #expect(pieces <= max(WorkBudget.pieces / share, WorkBudget.least.pieces))
            #expect(Int64(pieces) * piece <= 2 * max(WorkBudget.sharedTime / Int64(share), WorkBudget.least.time))
            #expect(pieces > 0)
        }
    }

    @Test(
        "each of a crowd does next to nothing in a turn, so that one that has little is soon served",
        arguments: [16, 100, 10_000]
    )
    func crowd(share: Int) {
        var worker = Worker()
        for _ in 0..<10 { _ = worker.turn(piece: 4_000) }
        #expect((1...2).contains(worker.turn(piece: 4_000, sharedBy: share).reduce(0, +)))
        // What is quick still comes in numbers.
        for _ in 0..<10 { _ = worker.turn(piece: 20) }
        #expect(worker.turn(piece: 20, sharedBy: share).reduce(0, +) >= 32)
    }

    @Test("of work whose pieces take longer than the budget one or two are done in a turn")
    func slow() {
        var worker = Worker()
        #expect(worker.turn(piece: 1_000_000).reduce(0, +) <= 32)
        for _ in 0..<3 { #expect((1...2).contains(worker.turn(piece: 1_000_000).reduce(0, +))) }
    }

    @Test(
        "it is noticed, too, when it comes in batches that quick work would fill one portion with",
        arguments: [65, 200, 500]
    )
    func batches(size: Int) {
        var worker = Worker()
        for _ in 0..<5 { _ = worker.turn(piece: 0) }
        for _ in 0..<2 { _ = worker.turn(piece: 1_000_000, of: size) }
        #expect(worker.turn(piece: 1_000_000, of: size).reduce(0, +) <= 64)
    }

    @Test("quick work that becomes slow is noticed after a portion, and the other way round")
    func changing() {
        var worker = Worker()
        for _ in 0..<5 { _ = worker.turn(piece: 0) }
        #expect(worker.turn(piece: 1_000_000).reduce(0, +) <= 64 + 512)
        #expect(worker.turn(piece: 1_000_000).reduce(0, +) <= 2)
        for _ in 0..<10 { _ = worker.turn(piece: 10) }
        #expect(worker.turn(piece: 10).reduce(0, +) == WorkBudget.pieces)
    }
}
