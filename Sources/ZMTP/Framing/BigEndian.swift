// Integers on the wire are big-endian, at any alignment.

extension UnsafeRawPointer {
    /// The 16-bit number in network order at `offset`.
    @inline(__always)
    func bigEndian16(at offset: Int) -> UInt16 {
        UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
}

extension [UInt8] {
    /// Appends `value` in network order.
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Appends the bytes of `text`.
    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends `count` bytes, which `write` fills in.
    mutating func append(count: Int, _ write: (UnsafeMutableRawPointer) -> Void) {
        append(
            contentsOf: [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                if let base = buffer.baseAddress { write(UnsafeMutableRawPointer(base)) }
                initialized = count
            }
        )
    }
}
