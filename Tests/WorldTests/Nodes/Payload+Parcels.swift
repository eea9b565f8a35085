import ZMQReactor

// A STREAM has no messages: there a payload travels behind its size.
extension Payload {
    /// The bytes that the size takes.
    static let parcelHeader = 4

    static func parcel(_ number: Int) -> [UInt8] {
        let body = frames(of: number).last!
        return (0..<parcelHeader).map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) } + body
    }

    /// The size of the parcel at the front of the bytes; nil when it is not complete.
    static func parcelSize(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= parcelHeader else { return nil }
        let size = parcelHeader + Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
        return size <= bytes.count ? size : nil
    }

    /// Takes the complete parcels off the front.
    static func takeParcels(_ bytes: inout [UInt8]) -> [Reading] {
        var readings: [Reading] = []
        var position = 0
        while let size = bytes.withUnsafeBytes({ parcelSize(in: UnsafeRawBufferPointer(rebasing: $0[position...])) }) {
            readings.append(read(bytes[(position + parcelHeader)..<(position + size)]))
            position += size
        }
        bytes.removeFirst(position)
        return readings
    }

    private static func read(_ body: ArraySlice<UInt8>) -> Reading {
        guard let number = body.withUnsafeBytes({ number(in: $0) }), number < 1 << 40 else {
            return .torn("\(body.count) bytes without a number")
        }
        return body == frames(of: number).last![...] ? .whole(number) : .torn("parcel \(number) of \(body.count) bytes")
    }
}
