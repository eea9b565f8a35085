/// The subscribers of a topic that has more than one: their numbers in ascending order.
///
/// Ordered, so that a subscriber is found by bisection, and contiguous, because the time that matters is that of
/// reaching all of them with a message.
struct SubscriberList: ~Copyable {
    private var numbers = RawArray<Int32>()

    var count: Int { numbers.count }
    var allocatedBytes: Int { numbers.allocatedBytes }
    var first: Int32 { numbers.base[0] }
    var all: UnsafeBufferPointer<Int32> { UnsafeBufferPointer(start: numbers.base, count: numbers.count) }

    /// Adds a subscriber; false if it was in the list.
    mutating func insert(_ subscriber: Int32) -> Bool {
        let index = position(of: subscriber)
        if index < count, numbers.base[index] == subscriber { return false }
        numbers.insert(subscriber, at: index)
        return true
    }

    /// Removes a subscriber; false if it was not in the list.
    mutating func remove(_ subscriber: Int32) -> Bool {
        let index = position(of: subscriber)
        guard index < count, numbers.base[index] == subscriber else { return false }
        numbers.remove(at: index)
        if count * 4 < numbers.capacity, numbers.capacity > 64 { numbers.resize(to: numbers.capacity / 2) }
        return true
    }

    func contains(_ subscriber: Int32) -> Bool {
        let index = position(of: subscriber)
        return index < count && numbers.base[index] == subscriber
    }

    /// The index of the subscriber, or where to insert it.
    private func position(of subscriber: Int32) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if numbers.base[middle] < subscriber { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
