import EventReactor

extension Context: ContextBudgets {
    /// Takes part of the budget, or gives it back; answers whether it has turned, which all sockets are told on their threads.
    func changeSendBudget(by bytes: Int) -> Bool {
        guard sending.change(by: bytes) else { return false }
        forEachLoop { reactor in
            for socket in LoopResources.of(reactor).sockets(of: self) { socket.budgets.lookAtContext() }
        }
        return true
    }
}
