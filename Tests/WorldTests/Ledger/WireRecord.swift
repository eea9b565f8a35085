import ZMQReactorTesting

/// The messages in what has been written to one direction of a connection.
struct WireRecord {
    struct Entry {
        /// The number in the message; nil for one that is not of the world.
        let number: Int?
        /// Where its last byte ends.
        let end: Int
    }

    private(set) var messages: [Entry] = []

    /// Reads a record of ZMTP 3: a greeting of 64 bytes, commands and messages.
    init(_ bytes: [UInt8]) {
        var position = 64
        while position + 2 <= bytes.count {
            let flags = bytes[position]
            var (size, header) = (Int(bytes[position + 1]), 2)
            if flags & 2 != 0 {
                guard position + 9 <= bytes.count else { return }
                size = bytes[position + 1..<position + 9].reduce(0) { $0 << 8 | Int($1) }
                header = 9
            }
            let (start, end) = (position + header, position + header + size)
            guard end <= bytes.count else { return }
            if flags & 5 == 0 {
                messages.append(Entry(number: Payload.number(in: bytes[start..<end]), end: end))
            }
            position = end
        }
    }
}
