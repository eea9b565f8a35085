/// Deadlines in order: a heap with four children per node, and nothing of a clock or a loop.
///
/// Starting, moving and removing an entry take O(log n) steps, looking at the earliest takes one. Entries of equal
/// deadline leave in the order they were started. Invariants:
/// - `heap[i]` is due no later than its children `heap[4i+1...4i+4]`, by (deadline, order);
/// - `slots[heap[i].slot].position == i`, and `position` is -1 for a slot that is free;
/// - an order is given out once, and grows.
///
/// The heap holds times only. Elements stay where they are put, so that sifting moves no references.
struct TimerQueue<Element> {
    /// Where an element is; valid until the entry is removed or popped, and then used again for another.
    typealias Slot = Int32

    private struct Entry {
        var deadline: Int64
        var order: UInt64
        var slot: Slot

        func isDue(before other: Entry) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : order < other.order
        }
    }

    private struct Place {
        var position: Int32
        var element: Element?
    }

    private var heap: ContiguousArray<Entry> = []
    private var slots: ContiguousArray<Place> = []
    private var free: ContiguousArray<Slot> = []

    /// The order the next entry gets. Entries started from now on have this one or a later one.
    private(set) var nextOrder: UInt64 = 0

    var count: Int { heap.count }
    var isEmpty: Bool { heap.isEmpty }

    /// The earliest deadline.
    var earliest: Int64? { heap.first?.deadline }

    /// All elements, in no particular order.
    var elements: [Element] { slots.compactMap { $0.element } }

    /// The deadline of an entry.
    func deadline(of slot: Slot) -> Int64 { heap[Int(slots[Int(slot)].position)].deadline }

    mutating func insert(_ element: Element, deadline: Int64) -> Slot {
        let slot: Slot
        if let reused = free.popLast() {
            slot = reused
            slots[Int(slot)].element = element
        } else {
            slot = Slot(slots.count)
            slots.append(Place(position: -1, element: element))
        }
        let entry = Entry(deadline: deadline, order: takeOrder(), slot: slot)
        heap.append(entry)
        siftUp(entry, from: heap.count - 1)
        return slot
    }

    /// Gives an entry another deadline, and the place of one just started among those of equal deadline.
    mutating func reschedule(_ slot: Slot, deadline: Int64) {
        let position = Int(slots[Int(slot)].position)
        let entry = Entry(deadline: deadline, order: takeOrder(), slot: slot)
        place(entry, around: position)
    }

    @discardableResult
    mutating func remove(_ slot: Slot) -> Element {
        let position = Int(slots[Int(slot)].position)
        let last = heap.removeLast()
        if position < heap.count { place(last, around: position) }
        let element = slots[Int(slot)].element.take()!
        slots[Int(slot)].position = -1
        free.append(slot)
        return element
    }

    /// The slot of the first entry, when its deadline is not after `now` and it was started before `limit`.
    ///
    /// The limit is what keeps a callback that starts a timer due at once from being called for ever.
    func firstDue(at now: Int64, startedBefore limit: UInt64) -> Slot? {
        guard let first = heap.first, first.deadline <= now, first.order < limit else { return nil }
        return first.slot
    }

    func element(at slot: Slot) -> Element { slots[Int(slot)].element! }

    private mutating func takeOrder() -> UInt64 {
        defer { nextOrder &+= 1 }
        return nextOrder
    }
}

extension TimerQueue {
    /// Puts an entry into the hole at `position`, from where it may have to go either way.
    private mutating func place(_ entry: Entry, around position: Int) {
        if position > 0, entry.isDue(before: heap[(position - 1) >> 2]) {
            siftUp(entry, from: position)
        } else {
            siftDown(entry, from: position)
        }
    }

    private mutating func siftUp(_ entry: Entry, from start: Int) {
        var hole = start
        while hole > 0 {
            let parent = (hole - 1) >> 2
            let above = heap[parent]
            guard entry.isDue(before: above) else { break }
            put(above, at: hole)
            hole = parent
        }
        put(entry, at: hole)
    }

    private mutating func siftDown(_ entry: Entry, from start: Int) {
        var hole = start
        let count = heap.count
        while true {
            let first = hole << 2 &+ 1
            guard first < count else { break }
            var least = first
            var candidate = first &+ 1
            while candidate < min(first &+ 4, count) {
                if heap[candidate].isDue(before: heap[least]) { least = candidate }
                candidate &+= 1
            }
            let below = heap[least]
            guard below.isDue(before: entry) else { break }
            put(below, at: hole)
            hole = least
        }
        put(entry, at: hole)
    }

    private mutating func put(_ entry: Entry, at position: Int) {
        heap[position] = entry
        slots[Int(entry.slot)].position = Int32(truncatingIfNeeded: position)
    }
}
