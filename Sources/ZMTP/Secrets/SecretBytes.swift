#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Bytes that are wiped before their memory is freed: keys and passwords. They have no description.
///
/// They are written once, by `init`, and never moved, so that no copy of them stays behind. Sendable, because nothing
/// writes them afterwards.
final class SecretBytes: @unchecked Sendable {
    /// The number of bytes.
    let count: Int
    private let base: UnsafeMutableRawPointer

    /// `count` bytes, zero until `fill` has written them.
    init<E: Error>(count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void) throws(E) {
        self.count = count
        // An address even for no bytes.
        base = .allocate(byteCount: max(count, 1), alignment: 16)
        let bytes = UnsafeMutableRawBufferPointer(start: base, count: count)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        try fill(bytes)
    }

    /// A copy of `bytes`.
    convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    deinit {
        explicit_bzero(base, count)
        base.deallocate()
    }

    /// Calls `body` with the bytes, in place. The pointer is valid during the call only.
    func withUnsafeBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Whether the bytes are the same, in a time that depends on their number only.
    func isSame(as other: SecretBytes) -> Bool {
        withUnsafeBytes { mine in other.withUnsafeBytes { mine.isSame(as: $0) } }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Overwrites the bytes with zeros, also where nothing reads them afterwards.
    package func wipe() {
        if let baseAddress { explicit_bzero(baseAddress, count) }
    }
}

extension [UInt8] {
    /// Overwrites the bytes with zeros before their memory is freed. Another array that shares them keeps them.
    package mutating func wipe() { withUnsafeMutableBytes { $0.wipe() } }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes are the same, in a time that depends on their number only.
    func isSame(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt8 = 0
        for index in indices { difference |= self[index] ^ other[index] }
        return difference == 0
    }
}
