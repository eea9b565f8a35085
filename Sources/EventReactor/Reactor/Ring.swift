/// A first-in, first-out queue in memory that grows by doubling.
///
/// Elements are moved in and out, never copied: an array that is emptied from its front would check and count for
/// nothing.
struct Ring<Element>: ~Copyable {
    private var slots: UnsafeMutablePointer<Element>
    private var capacity: Int
    private var head = 0
    private(set) var count = 0

    init(capacity: Int = 64) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0)
        self.capacity = capacity
        slots = .allocate(capacity: capacity)
    }

    deinit {
        for offset in 0..<count { slot(offset).deinitialize(count: 1) }
        slots.deallocate()
    }

    @inline(__always) var isEmpty: Bool { count == 0 }

    @inline(__always)
    mutating func append(_ element: consuming Element) {
        if count == capacity { grow() }
        slot(count).initialize(to: element)
        count &+= 1
    }

    /// Removes the oldest element. The ring must not be empty.
    @inline(__always)
    mutating func takeFirst() -> Element {
        assert(count > 0)
        let element = slot(0).move()
        head = (head &+ 1) & (capacity &- 1)
        count &-= 1
        return element
    }

    /// An element, counted from the oldest.
    @inline(__always)
    subscript(offset: Int) -> Element {
        _read {
            assert(offset < count)
            yield slot(offset).pointee
        }
    }

    /// The place of an element, counted from the oldest.
    @inline(__always)
    private func slot(_ offset: Int) -> UnsafeMutablePointer<Element> { slots + ((head &+ offset) & (capacity &- 1)) }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        for offset in 0..<count { (larger + offset).moveInitialize(from: slot(offset), count: 1) }
        slots.deallocate()
        (slots, capacity, head) = (larger, capacity * 2, 0)
    }
}
