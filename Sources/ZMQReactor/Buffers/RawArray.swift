#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A growing array in raw memory: the storage of the flat structures in this folder.
///
/// It has one owner, no copy-on-write, and no bounds checks in release builds. Large arrays grow by remapping their
/// pages; see ``LargeMemory``. Elements are accessed through ``base``. An empty array that never grew owns no memory.
struct RawArray<Element: ~Copyable>: ~Copyable {
    /// The elements; the pointer changes when the array grows or shrinks.
    private(set) var base = Self.nothing
    private(set) var count = 0
    private(set) var capacity = 0

    init() {}

    deinit { free(base, count, capacity) }

    var isEmpty: Bool { count == 0 }

    /// Bytes of memory owned.
    var allocatedBytes: Int { capacity * MemoryLayout<Element>.stride }

    /// The value of `base` while no memory is owned: aligned, and never dereferenced.
    private static var nothing: UnsafeMutablePointer<Element> {
        UnsafeMutablePointer(bitPattern: MemoryLayout<Element>.alignment)!
    }

    @inline(__always)
    mutating func append(_ element: consuming Element) {
        if count == capacity { grow(toHold: count + 1) }
        (base + count).initialize(to: element)
        count &+= 1
    }

    mutating func removeLast() -> Element {
        assert(count > 0)
        count &-= 1
        return (base + count).move()
    }

    /// Removes the last `n` elements.
    mutating func removeLast(_ n: Int) {
        assert(n <= count)
        count &-= n
        (base + count).deinitialize(count: n)
    }

    /// Removes all elements, and frees the memory if it is for more than `kept` of them.
    @inline(__always)
    mutating func removeAll(keepingUpTo kept: Int = 0) {
        if capacity > kept {
            releaseAll()
        } else {
            base.deinitialize(count: count)
            count = 0
        }
    }

    @inline(never)
    private mutating func releaseAll() {
        free(base, count, capacity)
        base = Self.nothing
        (count, capacity) = (0, 0)
    }

    /// The number of bytes to allocate for appending `n` elements; 0 if there is room.
    func growth(for n: Int) -> Int {
        count + n <= capacity ? 0 : max(count + n, capacity + capacity / 2) * MemoryLayout<Element>.stride
    }

    /// Makes room for `wanted` elements in total, and at least half as many again as before.
    @inline(never)
    mutating func grow(toHold wanted: Int) {
        guard wanted > capacity else { return }
        resize(to: max(wanted, capacity + capacity / 2, max(1, 64 / MemoryLayout<Element>.stride)))
    }

    /// Makes room for exactly `wanted` elements.
    mutating func resize(to wanted: Int) {
        assert(wanted >= count && wanted > 0)
        let old = capacity == 0 ? nil : UnsafeMutableRawPointer(base)
        let stride = MemoryLayout<Element>.stride
        let new = LargeMemory.resize(old, from: capacity * stride, to: wanted * stride, keeping: count * stride)
        base = new.assumingMemoryBound(to: Element.self)
        capacity = wanted
    }

    private func free(_ base: UnsafeMutablePointer<Element>, _ count: Int, _ capacity: Int) {
        base.deinitialize(count: count)
        if capacity > 0 { LargeMemory.release(base, capacity * MemoryLayout<Element>.stride) }
    }
}

extension RawArray where Element: BitwiseCopyable {
    /// A number of elements whose bits are all zero. Unused ones cost nothing.
    init(zeros count: Int) {
        base = LargeMemory.zeroed(count * MemoryLayout<Element>.stride).assumingMemoryBound(to: Element.self)
        self.count = count
        capacity = count
    }

    /// Appends `n` elements; `source` may point into this array.
    mutating func append(from source: UnsafePointer<Element>, count n: Int) {
        if count + n > capacity {
            let inside = source >= UnsafePointer(base) && source < UnsafePointer(base + count)
            let offset = inside ? source - UnsafePointer(base) : 0
            grow(toHold: count + n)
            (base + count).update(from: inside ? UnsafePointer(base + offset) : source, count: n)
        } else {
            (base + count).update(from: source, count: n)
        }
        count &+= n
    }

    /// Inserts an element before the one at `index`.
    mutating func insert(_ element: Element, at index: Int) {
        assert(index <= count)
        if count == capacity { grow(toHold: count + 1) }
        memmove(base + index + 1, base + index, (count - index) * MemoryLayout<Element>.stride)
        base[index] = element
        count &+= 1
    }

    /// Removes the element at `index`.
    mutating func remove(at index: Int) {
        assert(index < count)
        count &-= 1
        memmove(base + index, base + index + 1, (count - index) * MemoryLayout<Element>.stride)
    }

    /// Appends copies of `element` until there are `n` elements.
    mutating func pad(to n: Int, with element: Element) {
        if n > capacity { grow(toHold: n) }
        while count < n { append(element) }
    }
}
