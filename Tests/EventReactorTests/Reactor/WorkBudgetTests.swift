import Testing

@testable import EventReactor

/// Work whose pieces all take the same time.
private struct Worker {
    var budget = WorkBudget()
    var now: Int64 = 1_000_000

    /// The work of one turn with more than enough to do, and the sizes of its portions.
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
    @Test("work that takes no time is limited by the number of pieces, and soon done in the largest portions")
    func quick() {
        var worker = Worker()
        for _ in 0..<3 { #expect(worker.turn(piece: 0).reduce(0, +) == WorkBudget.pieces) }
        let portions = worker.turn(piece: 0)
        #expect(portions == [64, 512, 448])
    }

    @Test(
        "work that takes time is limited by about the budget's time",
        arguments: [100, 200, 333, 1000, 5000, 20_000] as [Int64]
    )
    func steady(piece: Int64) {
        var worker = Worker()
        for _ in 0..<10 { _ = worker.turn(piece: piece) }
        let time = Int64(worker.turn(piece: piece).reduce(0, +)) * piece
        // Work that fits the first portion is not measured, and a slow portion halves it.
        #expect(time >= min(WorkBudget.time / 4, Int64(WorkBudget.pieces) * piece))
        #expect(time <= 2 * WorkBudget.time)
    }

    @Test(
        "many sources that share a budget take about as long together as one, within the minimum per turn",
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
        "each source in a crowd does next to nothing in a turn, so that one with little work is soon served",
        arguments: [16, 100, 10_000]
    )
    func crowd(share: Int) {
        var worker = Worker()
        for _ in 0..<10 { _ = worker.turn(piece: 4_000) }
        #expect((1...2).contains(worker.turn(piece: 4_000, sharedBy: share).reduce(0, +)))
        // Fast work still comes in large numbers.
        for _ in 0..<10 { _ = worker.turn(piece: 20) }
        #expect(worker.turn(piece: 20, sharedBy: share).reduce(0, +) >= 32)
    }

    @Test("one or two pieces are done in a turn when a piece takes longer than the budget")
    func slow() {
        var worker = Worker()
        #expect(worker.turn(piece: 1_000_000).reduce(0, +) <= 32)
        for _ in 0..<3 { #expect((1...2).contains(worker.turn(piece: 1_000_000).reduce(0, +))) }
    }

    @Test(
        "slow work is detected even in batches that would fit one portion of fast work",
        arguments: [65, 200, 500]
    )
    func batches(size: Int) {
        var worker = Worker()
        for _ in 0..<5 { _ = worker.turn(piece: 0) }
        for _ in 0..<2 { _ = worker.turn(piece: 1_000_000, of: size) }
        #expect(worker.turn(piece: 1_000_000, of: size).reduce(0, +) <= 64)
    }

    @Test("fast work that becomes slow is detected after a portion, and the reverse")
    func changing() {
        var worker = Worker()
        for _ in 0..<5 { _ = worker.turn(piece: 0) }
        #expect(worker.turn(piece: 1_000_000).reduce(0, +) <= 64 + 512)
        #expect(worker.turn(piece: 1_000_000).reduce(0, +) <= 2)
        for _ in 0..<10 { _ = worker.turn(piece: 10) }
        #expect(worker.turn(piece: 10).reduce(0, +) == WorkBudget.pieces)
    }
}
