import ZMQReactorTesting

/// The messages in what has been written to one direction of a connection.
struct WireRecord {
    struct Entry {
        /// The number in the message; nil for one that is not of the world.
        let number: Int?
        /// Where its last byte ends.
        let end: Int
    }

    /// The largest frame that is not torn.
    private static let largest: UInt64 = 1 << 20

    private(set) var messages: [Entry] = []
    /// Whether there is something that is no frame; what follows it is not read.
    private(set) var isTorn = false

    mutating func add(_ number: Int?, end: Int) { messages.append(Entry(number: number, end: end)) }

    mutating func tear() { isTorn = true }

    /// Reads a record of ZMTP 3: a greeting of 64 bytes, commands and messages; or of what STREAM nodes write.
    init(_ bytes: [UInt8], isRaw: Bool = false) {
        bytes.withUnsafeBytes { if isRaw { readRecords($0) } else { read($0) } }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) {
        var position = 64
        while position + 2 <= bytes.count {
            let flags = bytes[position]
            guard flags & ~7 == 0, flags & 5 != 5 else { return isTorn = true }
            var (size, header) = (Int(bytes[position + 1]), 2)
            if flags & 2 != 0 {
                guard position + 9 <= bytes.count else { return }
                let large = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: position + 1, as: UInt64.self))
                guard large <= Self.largest else { return isTorn = true }
                (size, header) = (Int(large), 9)
            }
            let (start, end) = (position + header, position + header + size)
            guard end <= bytes.count else { return }
            if flags & 5 == 0 {
                let last = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                messages.append(Entry(number: Payload.number(in: last), end: end))
            }
            position = end
        }
    }

    private mutating func readRecords(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        while let size = Payload.recordSize(in: UnsafeRawBufferPointer(rebasing: bytes[position...])) {
            let end = position + size
            let body = UnsafeRawBufferPointer(rebasing: bytes[(position + Payload.recordHeader)..<end])
            guard Payload.number(in: body) != nil else { return isTorn = true }
            messages.append(Entry(number: Payload.number(in: body), end: end))
            position = end
        }
    }
}
