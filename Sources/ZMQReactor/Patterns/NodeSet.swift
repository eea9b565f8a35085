/// A set of node numbers: what one subscriber has subscribed to.
///
/// An open-addressing table of 4-byte slots. Numbers of nodes are handed out in order, by us, so a multiplication
/// spreads them well and nobody outside can make them collide.
struct NodeSet: ~Copyable {
    private var slots = RawArray<Int32>()
    private(set) var count = 0

    private static let free: Int32 = -1
    private static let smallest = 8

    var allocatedBytes: Int { slots.allocatedBytes }

    /// The bytes that are allocated to add a number; 0 when there is room.
    var growth: Int { (count + 1) * 4 > slots.count * 3 ? 2 * slots.allocatedBytes : 0 }

    /// Adds a number that is not in the set.
    mutating func insert(_ node: Int32) {
        if (count + 1) * 4 > slots.count * 3 { rehash(to: max(Self.smallest, slots.count * 2)) }
        place(node)
        count += 1
    }

    /// Removes a number that is in the set.
    mutating func remove(_ node: Int32) {
        let mask = slots.count - 1
        var hole = home(of: node)
        while slots.base[hole] != node {
            precondition(slots.base[hole] != Self.free, "a subscriber without its subscription")
            hole = (hole &+ 1) & mask
        }
        var i = hole
        while true {
            i = (i &+ 1) & mask
            let other = slots.base[i]
            if other == Self.free { break }
            if (i &- home(of: other)) & mask >= (i &- hole) & mask {
                slots.base[hole] = other
                hole = i
            }
        }
        slots.base[hole] = Self.free
        count -= 1
        if count == 0 {
            slots.removeAll(keepingUpTo: Self.smallest)
        } else if slots.count > Self.smallest, count * 8 < slots.count {
            rehash(to: slots.count / 2)
        }
    }

    /// Calls `body` with every number.
    func forEach(_ body: (Int32) -> Void) {
        for i in 0..<slots.count where slots.base[i] != Self.free { body(slots.base[i]) }
    }

    private func home(of node: Int32) -> Int {
        let hash = UInt32(bitPattern: node) &* 0x9E37_79B9
        return Int(hash &>> UInt32(32 - slots.count.trailingZeroBitCount))
    }

    private func place(_ node: Int32) {
        var i = home(of: node)
        while slots.base[i] != Self.free { i = (i &+ 1) & (slots.count - 1) }
        slots.base[i] = node
    }

    private mutating func rehash(to size: Int) {
        let old = exchange(&slots, with: RawArray())
        slots.resize(to: size)
        slots.pad(to: size, with: Self.free)
        for i in 0..<old.count where old.base[i] != Self.free { place(old.base[i]) }
    }
}
