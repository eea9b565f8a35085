import ZMQReactor

// A STREAM has no messages: there a payload travels behind its size.
extension Payload {
    /// The bytes that the size takes.
    static let recordHeader = 4

    static func record(_ number: Int) -> [UInt8] {
        let body = frames(of: number).last!
        return (0..<recordHeader).map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) } + body
    }

    /// The size of the record at the front of the bytes; nil when it is not complete.
    static func recordSize(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= recordHeader else { return nil }
        let size = recordHeader + Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
        return size <= bytes.count ? size : nil
    }

    /// Takes the complete records off the front.
    static func takeRecords(_ bytes: inout [UInt8]) -> [Reading] {
        var readings: [Reading] = []
        var position = 0
        while let size = bytes.withUnsafeBytes({ recordSize(in: UnsafeRawBufferPointer(rebasing: $0[position...])) }) {
            readings.append(read(bytes[(position + recordHeader)..<(position + size)]))
            position += size
        }
        bytes.removeFirst(position)
        return readings
    }

    private static func read(_ body: ArraySlice<UInt8>) -> Reading {
        guard let number = body.withUnsafeBytes({ number(in: $0) }), number < 1 << 40 else {
            return .torn("\(body.count) bytes without a number")
        }
        return body == frames(of: number).last![...] ? .whole(number) : .torn("record \(number) of \(body.count) bytes")
    }
}
