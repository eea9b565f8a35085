/// The edges of a ``TopicTree``: from a node and a byte to the child whose label starts with that byte.
///
/// One open-addressing hash table for the whole tree. It costs the same for nodes with two and with 256 children, and
/// nothing for the many nodes that have none. A slot holds 32 bits of the hash, so that a probe looks at a node only
/// when it is almost certainly the right one, and growing or removing needs no node at all. The hash is seeded: nobody
/// who sends topics can choose edges that collide.
struct EdgeTable: ~Copyable {
    struct Slot {
        var tag: UInt32
        /// The child; 0, the root, which is nobody's child, marks a free slot.
        var child: Int32
    }

    /// What a search needs, as a plain value.
    struct Index: BitwiseCopyable {
        var slots: UnsafeMutablePointer<Slot>
        var mask: Int
        /// 32 minus the number of bits of a slot number.
        var shift: UInt32
        let seed: UInt64
    }

    private(set) var index: Index
    private var storage = RawArray<Slot>()
    private(set) var count = 0

    private static let smallest = 16

    init(seed: UInt64) {
        index = Index(slots: storage.base, mask: -1, shift: 32, seed: seed)
    }

    var allocatedBytes: Int { storage.allocatedBytes }

    /// The bytes that are allocated to add an edge or two; 0 when there is room.
    var growth: Int { (count + 2) * 4 > storage.count * 3 ? 2 * storage.allocatedBytes : 0 }

    /// Adds the edge from `parent` by `byte`, which must not exist.
    mutating func insert(_ child: Int32, parent: Int32, byte: UInt8) {
        if (count + 1) * 4 > storage.count * 3 { rehash(to: max(Self.smallest, storage.count * 2)) }
        index.place(Slot(tag: index.hash(parent, byte), child: child))
        count += 1
    }

    /// Lets the edge from `parent` by `byte`, which leads to `old`, lead to `new`.
    func replace(_ old: Int32, with new: Int32, parent: Int32, byte: UInt8) {
        index.slots[index.position(of: old, tag: index.hash(parent, byte))].child = new
    }

    /// Removes the edge from `parent` by `byte`, which leads to `child`.
    mutating func remove(_ child: Int32, parent: Int32, byte: UInt8) {
        index.vacate(index.position(of: child, tag: index.hash(parent, byte)))
        count -= 1
        if storage.count > Self.smallest, count * 8 < storage.count { rehash(to: storage.count / 2) }
    }

    /// Removes all edges, and gives back memory beyond the smallest table.
    mutating func removeAll() {
        if storage.count <= Self.smallest {
            for i in 0..<storage.count { storage.base[i].child = 0 }
            count = 0
            return
        }
        storage.removeAll()
        index = Index(slots: storage.base, mask: -1, shift: 32, seed: index.seed)
        count = 0
    }

    private mutating func rehash(to slots: Int) {
        let old = exchange(&storage, with: RawArray())
        storage.resize(to: slots)
        storage.pad(to: slots, with: Slot(tag: 0, child: 0))
        let bits = slots.trailingZeroBitCount
        index = Index(slots: storage.base, mask: slots - 1, shift: UInt32(32 - bits), seed: index.seed)
        for i in 0..<old.count where old.base[i].child != 0 { index.place(old.base[i]) }
    }
}

extension EdgeTable.Index {
    /// The child of `parent` by `byte`, or 0. The table must not be empty.
    @inline(__always)
    func child(of parent: Int32, byte: UInt8, in nodes: UnsafePointer<TopicNode>) -> Int32 {
        let tag = hash(parent, byte)
        var i = home(of: tag)
        while true {
            let slot = slots[i]
            if slot.child == 0 { return 0 }
            if slot.tag == tag {
                let node = nodes + Int(slot.child)
                if node.pointee.parent == parent && node.pointee.firstByte == byte { return slot.child }
            }
            i = (i &+ 1) & mask
        }
    }

    @inline(__always)
    fileprivate func hash(_ parent: Int32, _ byte: UInt8) -> UInt32 {
        let key = UInt64(UInt32(bitPattern: parent)) << 8 | UInt64(byte)
        let product = (key ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return UInt32(truncatingIfNeeded: (product.high ^ product.low) >> 32)
    }

    @inline(__always)
    private func home(of tag: UInt32) -> Int { Int(tag &>> shift) }

    /// The slot of an edge that exists.
    fileprivate func position(of child: Int32, tag: UInt32) -> Int {
        var i = home(of: tag)
        while slots[i].child != child {
            precondition(slots[i].child != 0, "a child without an edge")
            i = (i &+ 1) & mask
        }
        return i
    }

    fileprivate func place(_ slot: EdgeTable.Slot) {
        var i = home(of: slot.tag)
        while slots[i].child != 0 { i = (i &+ 1) & mask }
        slots[i] = slot
    }

    /// Frees a slot, and moves up the slots behind it that were displaced by it.
    fileprivate func vacate(_ position: Int) {
        var hole = position
        var i = position
        while true {
            i = (i &+ 1) & mask
            if slots[i].child == 0 { break }
            if (i &- home(of: slots[i].tag)) & mask >= (i &- hole) & mask {
                slots[hole] = slots[i]
                hole = i
            }
        }
        slots[hole].child = 0
    }
}
