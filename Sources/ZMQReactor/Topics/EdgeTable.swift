/// The edges of a ``TopicTree``: from a node and a byte to the child whose label starts with that byte.
///
/// One open-addressing hash table serves the whole tree. It costs the same for nodes with two and with 256 children,
/// and nothing for the many nodes without children. A slot holds 32 bits of the hash, so that a probe reads a node only
/// when it is almost certainly the right one, and growing or removing reads no node at all. The hash is seeded: a peer
/// cannot choose topics whose edges collide.
///
/// The table never grows or shrinks in one step: the former table stays beside the new one, and each change moves a few
/// slots, enough to finish before the new one is full.
struct EdgeTable: ~Copyable {
    struct Slot {
        var tag: UInt32
        /// The child; 0, the root, which is never a child, marks a free slot, and `moved` one whose edge is in the new
        /// table or gone.
        var child: Int32

        static let moved: Int32 = -1
    }

    /// The parameters of a search, as a plain value.
    struct Index: BitwiseCopyable {
        var slots: UnsafeMutablePointer<Slot>
        var mask: Int
        /// 32 minus the number of bits of a slot number.
        var shift: UInt32
        /// The same for the former table; nil when everything has been moved.
        var formerShift: UInt32 = 32
        var former: UnsafeMutablePointer<Slot>?
        let seed: UInt64
    }

    private(set) var index: Index
    private var storage = RawArray<Slot>()
    /// The former table, and how many of its slots have been moved.
    private var former = RawArray<Slot>()
    private var movedSlots = 0
    private(set) var count = 0

    #if DEBUG
        /// Slots visited for moving. For tests of the amount of work.
        private(set) var work = 0
    #endif

    private static let smallest = 16

    /// Slots of the former table moved by one change. At the earliest, the new table is full, or empty enough to
    /// shrink, after a sixteenth as many changes as the former has slots.
    private static let movedAtOnce = 16

    init(seed: UInt64) {
        index = Index(slots: storage.base, mask: -1, shift: 32, seed: seed)
    }

    var allocatedBytes: Int { storage.allocatedBytes + former.allocatedBytes }

    /// The number of bytes to allocate for adding an edge or two; 0 if there is room.
    var growth: Int { (count + 2) * 4 > storage.count * 3 ? 2 * storage.allocatedBytes : 0 }

    /// Adds the edge from `parent` by `byte`, which must not exist.
    mutating func insert(_ child: Int32, parent: Int32, byte: UInt8) {
        move(Self.movedAtOnce)
        if (count + 1) * 4 > storage.count * 3 { rehash(to: max(Self.smallest, storage.count * 2)) }
        index.place(Slot(tag: index.hash(parent, byte), child: child))
        count += 1
    }

    /// Changes the edge from `parent` by `byte` from `old` to `new`.
    func replace(_ old: Int32, with new: Int32, parent: Int32, byte: UInt8) {
        let tag = index.hash(parent, byte)
        if let position = index.position(of: old, tag: tag) {
            index.slots[position].child = new
        } else {
            index.former![index.formerPosition(of: old, tag: tag)].child = new
        }
    }

    /// Removes the edge from `parent` by `byte`, which leads to `child`.
    mutating func remove(_ child: Int32, parent: Int32, byte: UInt8) {
        move(Self.movedAtOnce)
        let tag = index.hash(parent, byte)
        if let position = index.position(of: child, tag: tag) {
            index.vacate(position)
        } else {
            index.former![index.formerPosition(of: child, tag: tag)].child = Slot.moved
        }
        count -= 1
        if former.isEmpty, storage.count > Self.smallest, count * 8 < storage.count { rehash(to: storage.count / 2) }
    }

    /// Removes all edges, and frees memory beyond the smallest table.
    mutating func removeAll() {
        forgetFormer()
        if storage.count <= Self.smallest {
            for i in 0..<storage.count { storage.base[i].child = 0 }
            count = 0
            return
        }
        storage.removeAll()
        index = Index(slots: storage.base, mask: -1, shift: 32, seed: index.seed)
        count = 0
    }

    /// Whether there are edges to move.
    var isMoving: Bool { !former.isEmpty }

    /// Moves some of them, ahead of the next changes.
    mutating func moveOn(_ slots: Int) { move(slots) }

    /// Continues in a table with this many slots.
    private mutating func rehash(to slots: Int) {
        move(.max)
        former = exchange(&storage, with: RawArray(zeros: slots))
        let bits = slots.trailingZeroBitCount
        let isEmpty = former.isEmpty
        index = Index(
            slots: storage.base,
            mask: slots - 1,
            shift: UInt32(32 - bits),
            formerShift: index.shift,
            former: isEmpty ? nil : former.base,
            seed: index.seed
        )
        movedSlots = 0
        move(Self.movedAtOnce)
    }

    /// Moves edges of the former table into this one, and frees that when it has no more.
    @inline(__always)
    private mutating func move(_ slots: Int) {
        if !former.isEmpty { moveSome(slots) }
    }

    @inline(never)
    private mutating func moveSome(_ slots: Int) {
        let end = slots < former.count - movedSlots ? movedSlots + slots : former.count
        for i in movedSlots..<end {
            let slot = former.base[i]
            guard slot.child > 0 else { continue }
            index.place(slot)
            former.base[i].child = Slot.moved
        }
        #if DEBUG
            work += end - movedSlots
        #endif
        movedSlots = end
        if end == former.count { forgetFormer() }
    }

    private mutating func forgetFormer() {
        guard !former.isEmpty else { return }
        former = RawArray()
        index.former = nil
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
            if slot.child == 0 { return former == nil ? 0 : formerChild(of: parent, byte: byte, tag: tag, in: nodes) }
            if slot.tag == tag {
                let node = nodes + Int(slot.child)
                if node.pointee.parent == parent && node.pointee.firstByte == byte { return slot.child }
            }
            i = (i &+ 1) & mask
        }
    }

    @inline(never)
    private func formerChild(of parent: Int32, byte: UInt8, tag: UInt32, in nodes: UnsafePointer<TopicNode>) -> Int32 {
        var i = Int(tag &>> formerShift)
        while true {
            let slot = former![i]
            if slot.child == 0 { return 0 }
            if slot.tag == tag, slot.child != EdgeTable.Slot.moved {
                let node = nodes + Int(slot.child)
                if node.pointee.parent == parent && node.pointee.firstByte == byte { return slot.child }
            }
            i = (i &+ 1) & formerMask
        }
    }

    private var formerMask: Int { 1 &<< Int(32 &- formerShift) &- 1 }

    @inline(__always)
    fileprivate func hash(_ parent: Int32, _ byte: UInt8) -> UInt32 {
        let key = UInt64(UInt32(bitPattern: parent)) << 8 | UInt64(byte)
        let product = (key ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return UInt32(truncatingIfNeeded: (product.high ^ product.low) >> 32)
    }

    @inline(__always)
    private func home(of tag: UInt32) -> Int { Int(tag &>> shift) }

    /// The slot of an edge; nil if it is in the former table.
    fileprivate func position(of child: Int32, tag: UInt32) -> Int? {
        var i = home(of: tag)
        while slots[i].child != child {
            if slots[i].child == 0 { return nil }
            i = (i &+ 1) & mask
        }
        return i
    }

    /// The slot of an edge that is in the former table.
    fileprivate func formerPosition(of child: Int32, tag: UInt32) -> Int {
        var i = Int(tag &>> formerShift)
        while former![i].child != child {
            precondition(former![i].child != 0, "a child without an edge")
            i = (i &+ 1) & formerMask
        }
        return i
    }

    fileprivate func place(_ slot: EdgeTable.Slot) {
        var i = home(of: slot.tag)
        while slots[i].child != 0 { i = (i &+ 1) & mask }
        slots[i] = slot
    }

    /// Frees a slot, and moves up the slots behind it that it had displaced.
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
