/// Jobs of tasks that wait for their turn on the reactor, oldest first, in memory that grows by doubling.
///
/// An `UnownedJob` is a word without a reference count, so that raw memory holds it; an array would check and count for
/// nothing. A job put in here has to be taken out and run: nothing else keeps its task going.
struct JobRing: ~Copyable {
    private var slots: UnsafeMutablePointer<UnownedJob>
    private var capacity: Int
    private var head = 0
    private(set) var count = 0

    init(capacity: Int = 64) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0)
        self.capacity = capacity
        slots = .allocate(capacity: capacity)
    }

    deinit { slots.deallocate() }

    @inline(__always) var isEmpty: Bool { count == 0 }

    @inline(__always)
    mutating func append(_ job: UnownedJob) {
        if count == capacity { grow() }
        (slots + ((head &+ count) & (capacity &- 1))).initialize(to: job)
        count &+= 1
    }

    /// Takes the oldest job. There must be one.
    @inline(__always)
    mutating func takeFirst() -> UnownedJob {
        assert(count > 0)
        let job = slots[head]
        head = (head &+ 1) & (capacity &- 1)
        count &-= 1
        return job
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<UnownedJob>.allocate(capacity: capacity * 2)
        for offset in 0..<count { (larger + offset).initialize(to: slots[(head + offset) & (capacity - 1)]) }
        slots.deallocate()
        (slots, capacity, head) = (larger, capacity * 2, 0)
    }
}
