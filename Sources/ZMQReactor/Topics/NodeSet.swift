/// A set of node numbers: the topics of one subscriber.
///
/// An open-addressing table of 4-byte slots. Node numbers are assigned in order, by the tree, so a multiplication
/// spreads them well, and a peer cannot make them collide. It grows and shrinks as ``EdgeTable`` does, a few slots with
/// each change.
struct NodeSet: ~Copyable {
    /// Numbers, plus one; `free`, or `moved` in the former table.
    private var slots = RawArray<Int32>()
    private var former = RawArray<Int32>()
    private var movedSlots = 0
    private(set) var count = 0

    #if DEBUG
        /// Slots visited for moving. For tests of the amount of work.
        private(set) var work = 0
    #endif

    private static let free: Int32 = 0
    private static let moved: Int32 = -1
    private static let smallest = 8
    private static let movedAtOnce = 16

    var allocatedBytes: Int { slots.allocatedBytes + former.allocatedBytes }

    /// The number of bytes to allocate for adding a number; 0 if there is room.
    var growth: Int { (count + 1) * 4 > slots.count * 3 ? 2 * slots.allocatedBytes : 0 }

    /// Adds a number that is not in the set.
    mutating func insert(_ node: Int32) {
        moveSome(Self.movedAtOnce)
        if (count + 1) * 4 > slots.count * 3 { rehash(to: max(Self.smallest, slots.count * 2)) }
        place(node + 1)
        count += 1
    }

    /// Removes a number that is in the set.
    mutating func remove(_ node: Int32) {
        moveSome(Self.movedAtOnce)
        if let position = Self.position(of: node + 1, in: slots) {
            vacate(position)
        } else {
            let position = Self.position(of: node + 1, in: former)
            precondition(position != nil, "a subscriber without its subscription")
            former.base[position!] = Self.moved
        }
        count -= 1
        if count == 0 {
            former = RawArray()
            slots.removeAll(keepingUpTo: Self.smallest)
        } else if former.isEmpty, slots.count > Self.smallest, count * 8 < slots.count {
            rehash(to: slots.count / 2)
        }
    }

    /// Removes at most `limit` numbers, in no particular order, from a set that from now on only shrinks, and passes
    /// them to `body`; fewer if `body` returns that it is enough.
    mutating func takeSome(_ limit: Int, _ body: (Int32) -> Bool) {
        // If the table is nearly empty, not all of it is searched at once.
        var (left, slotsToLookAt) = (limit, limit < .max / 16 ? limit * 16 : .max)
        while count > 0, left > 0, slotsToLookAt > 0 {
            slotsToLookAt -= 1
            let slot = former.isEmpty ? slots.removeLast() : former.removeLast()
            guard slot > 0 else { continue }
            left -= 1
            count -= 1
            guard body(slot - 1) else { break }
        }
        if count == 0 {
            former = RawArray()
            slots = RawArray()
        }
    }

    private static func home(of slot: Int32, in table: borrowing RawArray<Int32>) -> Int {
        let hash = UInt32(bitPattern: slot) &* 0x9E37_79B9
        return Int(hash &>> UInt32(32 - table.count.trailingZeroBitCount))
    }

    private static func position(of slot: Int32, in table: borrowing RawArray<Int32>) -> Int? {
        guard !table.isEmpty else { return nil }
        var i = home(of: slot, in: table)
        while table.base[i] != slot {
            if table.base[i] == free { return nil }
            i = (i &+ 1) & (table.count - 1)
        }
        return i
    }

    private func vacate(_ position: Int) {
        let mask = slots.count - 1
        var hole = position
        var i = position
        while true {
            i = (i &+ 1) & mask
            let other = slots.base[i]
            if other == Self.free { break }
            if (i &- Self.home(of: other, in: slots)) & mask >= (i &- hole) & mask {
                slots.base[hole] = other
                hole = i
            }
        }
        slots.base[hole] = Self.free
    }

    private func place(_ slot: Int32) {
        var i = Self.home(of: slot, in: slots)
        while slots.base[i] != Self.free { i = (i &+ 1) & (slots.count - 1) }
        slots.base[i] = slot
    }

    private mutating func rehash(to size: Int) {
        moveSome(.max)
        former = exchange(&slots, with: RawArray(zeros: size))
        movedSlots = 0
        moveSome(Self.movedAtOnce)
    }

    private mutating func moveSome(_ number: Int) {
        guard !former.isEmpty else { return }
        let end = number < former.count - movedSlots ? movedSlots + number : former.count
        for i in movedSlots..<end where former.base[i] > 0 {
            place(former.base[i])
            former.base[i] = Self.moved
        }
        #if DEBUG
            work += end - movedSlots
        #endif
        movedSlots = end
        if end == former.count { former = RawArray() }
    }
}
