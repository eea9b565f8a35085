/// An element of a ``TimerQueue``, which knows its position.
protocol TimerQueueElement: AnyObject {
    /// Its index in the heap, written by the queue alone; -1 while it is in none.
    var position: Int { get set }
}

/// Deadlines in order: a heap with four children per node, independent of any clock or loop.
///
/// Starting, moving and removing an element take O(log n) steps, reading the earliest takes one. Elements with equal
/// deadlines leave in the order they were started. Invariants:
/// - `heap[i]` is due no later than its children `heap[4i+1...4i+4]`, by (deadline, order);
/// - `heap[i].element.position == i`;
/// - an order is used once, and grows;
/// - the queue holds one reference to each of its elements. Sifting moves it without counting.
struct TimerQueue<Element: TimerQueueElement>: ~Copyable {
    private struct Entry {
        var deadline: Int64
        var order: UInt64
        var element: Unmanaged<Element>

        @inline(__always)
        func isDue(before other: Entry) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : order < other.order
        }
    }

    private var heap = UnsafeMutablePointer<Entry>.allocate(capacity: 16)
    private var capacity = 16
    private(set) var count = 0

    /// The order of the next entry. Entries started from now on have this order or a later one.
    private(set) var nextOrder: UInt64 = 0

    deinit {
        for entry in entries { entry.element.release() }
        heap.deallocate()
    }

    private var entries: UnsafeMutableBufferPointer<Entry> { UnsafeMutableBufferPointer(start: heap, count: count) }

    var isEmpty: Bool { count == 0 }

    /// The earliest deadline.
    var earliest: Int64? { isEmpty ? nil : heap.pointee.deadline }

    /// All elements, in no particular order.
    var elements: [Element] { entries.map { $0.element.takeUnretainedValue() } }

    /// Starts an element that is in no queue.
    mutating func insert(_ element: Element, deadline: Int64) {
        if count == capacity { grow() }
        let entry = Entry(deadline: deadline, order: takeOrder(), element: .passRetained(element))
        count &+= 1
        siftUp(entry, from: count &- 1)
    }

    /// Changes the deadline of an element of this queue, and orders it behind those of equal deadline, as if it had
    /// just been started.
    mutating func reschedule(_ element: Element, deadline: Int64) {
        let entry = Entry(deadline: deadline, order: takeOrder(), element: .passUnretained(element))
        place(entry, around: element.position)
    }

    /// Removes an element of this queue.
    mutating func remove(_ element: Element) {
        let position = element.position
        count &-= 1
        if position < count { place(heap[count], around: position) }
        element.position = -1
        Unmanaged.passUnretained(element).release()
    }

    /// The first element, if its deadline is not after `now` and it was started before `limit`.
    ///
    /// Without the limit, a callback that starts a timer due at once would be called for ever.
    func firstDue(at now: Int64, startedBefore limit: UInt64) -> Element? {
        guard count > 0, heap.pointee.deadline <= now, heap.pointee.order < limit else { return nil }
        return heap.pointee.element.takeUnretainedValue()
    }

    private mutating func takeOrder() -> UInt64 {
        defer { nextOrder &+= 1 }
        return nextOrder
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: heap, count: count)
        heap.deallocate()
        heap = larger
        capacity *= 2
    }
}

extension TimerQueue {
    /// Puts an entry into the hole at `position`, and sifts it up or down as needed.
    private func place(_ entry: Entry, around position: Int) {
        if position > 0, entry.isDue(before: heap[(position &- 1) >> 2]) {
            siftUp(entry, from: position)
        } else {
            siftDown(entry, from: position)
        }
    }

    private func siftUp(_ entry: Entry, from start: Int) {
        var hole = start
        while hole > 0 {
            let parent = (hole &- 1) >> 2
            guard entry.isDue(before: heap[parent]) else { break }
            put(heap[parent], at: hole)
            hole = parent
        }
        put(entry, at: hole)
    }

    private func siftDown(_ entry: Entry, from start: Int) {
        var hole = start
        while true {
            let first = hole << 2 &+ 1
            guard first < count else { break }
            var least = first
            var candidate = first &+ 1
            while candidate < min(first &+ 4, count) {
                if heap[candidate].isDue(before: heap[least]) { least = candidate }
                candidate &+= 1
            }
            guard heap[least].isDue(before: entry) else { break }
            put(heap[least], at: hole)
            hole = least
        }
        put(entry, at: hole)
    }

    @inline(__always)
    private func put(_ entry: Entry, at position: Int) {
        heap[position] = entry
        entry.element._withUnsafeGuaranteedRef { $0.position = position }
    }
}
