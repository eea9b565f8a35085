import ZMQReactor

/// Addresses in order.
struct Queue {
    private var elements: [Frame] = []
    /// The elements before this one have been removed.
    private var start = 0

    var isEmpty: Bool { start == elements.count }

    /// The first address that satisfies the condition; those before it are removed.
    mutating func first(where condition: (Frame) -> Bool) -> Frame? {
        while start < elements.count, !condition(elements[start]) { removeFirst() }
        return start < elements.count ? elements[start] : nil
    }

    mutating func removeFirst() {
        start += 1
        guard start > 64, start > elements.count / 2 else { return }
        elements.removeFirst(start)
        start = 0
    }

    mutating func append(_ address: Frame) { elements.append(address) }

    mutating func prepend(_ address: Frame) {
        if start > 0 {
            start -= 1
            elements[start] = address
        } else {
            elements.insert(address, at: 0)
        }
    }

    /// Keeps the addresses that satisfy the condition, each once.
    mutating func keep(where condition: (Frame) -> Bool) {
        var seen: Set<Frame> = []
        elements = elements[start...].filter { condition($0) && seen.insert($0).inserted }
        start = 0
    }
}
