import Testing

@testable import ZMQReactor

@Suite struct SendBudgetTests {
    private func turns(_ budget: inout SendBudget, _ changes: [Int]) -> [SendBudget.Turn] {
        changes.map { budget.change(by: $0) }
    }

    @Test("a budget is used up at its limit, until half of it is free")
    func limit() {
        var budget = SendBudget(100)
        #expect(
            turns(&budget, [99, 1, 50, -99, -1, 49, 1]) == [
                .none, .exhausted, .none, .none, .reopened, .none, .exhausted,
            ]
        )
    }

    @Test("another limit holds at once, in either direction")
    func change() {
        var budget = SendBudget(100)
        #expect(budget.change(by: 90) == .none)
        #expect(budget.setLimit(80) == .exhausted)
        #expect(budget.setLimit(90) == .none)
        #expect(budget.setLimit(91) == .reopened)
        #expect(budget.setLimit(1) == .exhausted)
        #expect(budget.setLimit(nil) == .reopened)
    }
}
