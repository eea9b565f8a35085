import EventReactor

/// The pipes of one reactor that wait for a receive budget.
final class HeldBackPipes: ReactorLocal {
    /// Those that wait for one budget.
    private struct Line {
        private var pipes: [ObjectIdentifier: (number: Int, pipe: Pipe)] = [:]
        private var next = 0

        var isEmpty: Bool { pipes.isEmpty }

        mutating func add(_ pipe: Pipe) {
            pipes[ObjectIdentifier(pipe)] = (next, pipe)
            next += 1
        }

        mutating func remove(_ pipe: Pipe) { pipes[ObjectIdentifier(pipe)] = nil }

        /// In the order in which they came.
        var all: [Pipe] { pipes.values.sorted { $0.number < $1.number }.map(\.pipe) }
    }

    private var lines: [ObjectIdentifier: Line] = [:]

    /// Returns whether no other pipe waits for the budget.
    func add(_ pipe: Pipe, to budget: ReceiveBudget) -> Bool {
        let key = ObjectIdentifier(budget)
        let isFirst = lines[key] == nil
        lines[key, default: Line()].add(pipe)
        return isFirst
    }

    func remove(_ pipe: Pipe, from budget: ReceiveBudget) {
        let key = ObjectIdentifier(budget)
        lines[key]?.remove(pipe)
        // Another budget may later have the same address, and this reactor would then never be woken for it.
        if lines[key]?.isEmpty == true { lines[key] = nil }
    }

    /// Half of the budget is free.
    func readOn(with budget: ReceiveBudget) {
        guard let pipes = lines.removeValue(forKey: ObjectIdentifier(budget)) else { return }
        for pipe in pipes.all { pipe.readOn() }
    }
}
