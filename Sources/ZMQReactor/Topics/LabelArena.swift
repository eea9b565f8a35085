/// The bytes of a ``TopicTree``'s labels, identified by offsets that do not change.
///
/// Bytes are appended at the end and removed at either end. Memory at the front is returned to the system page by page,
/// without moving the rest: see ``TopicTree/squeezeLabels()``.
struct LabelArena: ~Copyable {
    /// The address of offset 0, even if it has been removed.
    private(set) var base = LabelArena.nothing
    /// The first offset, and the one behind the last.
    private(set) var start = 0
    private(set) var end = 0

    /// The memory, the offset of its first byte, and its size.
    private var memory: UnsafeMutableRawPointer?
    private var origin = 0
    private var capacity = 0

    private static var nothing: UnsafeMutablePointer<UInt8> { UnsafeMutablePointer(bitPattern: 16)! }

    init() {}

    deinit { if let memory { LargeMemory.release(memory, capacity) } }

    /// The number of bytes, including unused ones in between.
    var count: Int { end - start }

    /// Bytes of memory owned.
    var allocatedBytes: Int { capacity }

    /// The number of bytes to allocate for appending `count`; 0 if there is room.
    func growth(for count: Int) -> Int {
        let wanted = end - origin + count
        return wanted <= capacity ? 0 : max(wanted, capacity + capacity / 2)
    }

    /// Appends bytes.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        makeRoom(for: bytes.count)
        if let source = bytes.baseAddress {
            UnsafeMutableRawPointer(base + end).copyMemory(from: source, byteCount: bytes.count)
        }
        end += bytes.count
    }

    /// Appends a copy of bytes in the arena; returns its offset.
    mutating func append(copying offset: Int, count: Int) -> Int {
        makeRoom(for: count)
        (base + end).update(from: base + offset, count: count)
        defer { end += count }
        return end
    }

    mutating func removeLast(_ count: Int) { end -= count }

    /// Removes everything in front of an offset.
    mutating func removeFirst(upTo offset: Int) {
        start = offset
        guard capacity >= LargeMemory.mappedSize else { return moveToFront() }
        let size = LargeMemory.roundedUp(capacity)
        let front = (start - origin) / LargeMemory.pageSize * LargeMemory.pageSize
        guard size - front >= LargeMemory.mappedSize else { return moveToFront() }
        LargeMemory.releaseFront(memory!, front)
        memory! += front
        origin += front
        capacity -= front
    }

    /// Frees memory when little of it is used.
    mutating func giveBackUnused() {
        guard capacity > count * 4 + 4096 else { return }
        // If nothing removed in front has stayed in memory, this copies little or nothing.
        resize(to: end - origin + count + 64)
    }

    /// Removes everything, and frees the memory if it is more than `kept` bytes.
    mutating func removeAll(keepingUpTo kept: Int) {
        (start, end, origin) = (0, 0, 0)
        if capacity > kept, let memory {
            LargeMemory.release(memory, capacity)
            (self.memory, capacity) = (nil, 0)
        }
        setBase()
    }

    private mutating func makeRoom(for count: Int) {
        let wanted = end - origin + count
        if wanted > capacity { resize(to: max(wanted, capacity + capacity / 2, 64)) }
    }

    private mutating func resize(to size: Int) {
        guard size != capacity else { return }
        memory = LargeMemory.resize(memory, from: capacity, to: size, keeping: end - origin)
        capacity = size
        setBase()
    }

    /// Moves the bytes to the front of the memory. There are few.
    private mutating func moveToFront() {
        guard let memory, start > origin else { return }
        memory.copyMemory(from: memory + (start - origin), byteCount: count)
        origin = start
        setBase()
    }

    private mutating func setBase() {
        base = memory.map { $0.assumingMemoryBound(to: UInt8.self) - origin } ?? Self.nothing
    }
}
