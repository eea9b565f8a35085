/// The packets that a source has sent, or is about to send, for as long as they can be asked for again.
///
/// Memory is allocated as packets are added, up to the number that the window holds; it is used again in a circle.
struct TransmitWindow: ~Copyable {
    /// The number of packets that have been added. The last one has the number before.
    private(set) var count: UInt64 = 0

    private let capacity: Int
    private let slotSize: Int
    private var slabs: [UnsafeMutableRawPointer] = []
    private var sizes: [UInt16] = []

    private static let slotsPerSlab = 64

    /// - Parameters:
    ///   - capacity: the number of packets.
    ///   - packetSize: the size of the largest.
    init(capacity: Int, packetSize: Int) {
        self.capacity = max(capacity, 1)
        slotSize = (packetSize + 7) & ~7
    }

    deinit { for slab in slabs { slab.deallocate() } }

    /// The number of the oldest packet.
    var oldest: UInt64 { count - min(count, UInt64(capacity)) }

    var isFull: Bool { count - oldest == UInt64(capacity) }

    private func slot(_ number: UInt64) -> Int { Int(number % UInt64(capacity)) }

    private func memory(of slot: Int) -> UnsafeMutableRawPointer {
        slabs[slot / Self.slotsPerSlab] + slot % Self.slotsPerSlab * slotSize
    }

    /// Memory for the next packet, in the place of the oldest if the window is full; nil without any.
    mutating func next() -> UnsafeMutableRawPointer? {
        let slot = slot(count)
        if slot == sizes.count {
            if slot % Self.slotsPerSlab == 0 {
                let size = slotSize * Self.slotsPerSlab
                guard Memory.isAvailable(size) else { return nil }
                slabs.append(.allocate(byteCount: size, alignment: 16))
            }
            sizes.append(0)
        }
        return memory(of: slot)
    }

    /// The next packet has been written to its memory.
    mutating func add(_ size: Int) {
        sizes[slot(count)] = UInt16(size)
        count += 1
    }

    /// A packet that is in the window.
    subscript(number: UInt64) -> UnsafeRawBufferPointer {
        let slot = slot(number)
        return UnsafeRawBufferPointer(start: memory(of: slot), count: Int(sizes[slot]))
    }
}
