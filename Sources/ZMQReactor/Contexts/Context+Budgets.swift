import EventReactor

extension Context: ContextBudgets {
    /// Reserves part of the budget, or returns it. Returns whether the budget has become full or free, which is then
    /// reported to all sockets on their threads.
    func changeSendBudget(by bytes: Int) -> Bool {
        guard sending.change(by: bytes) else { return false }
        forEachLoop { reactor in
            for member in ContextMembers.of(reactor).members(of: self) { member.budgets.lookAtContext() }
        }
        return true
    }
}
