/// Bytes to be written, in order.
///
/// Written bytes are removed once they are the larger part, so that at most one byte is moved for each that is written,
/// however small the pieces are that a reader takes.
struct PendingBytes {
    /// All bytes; the first `written` of them have been written.
    var bytes: [UInt8] = []
    private(set) var written = 0

    #if DEBUG
        /// Bytes moved. For tests of the amount of work.
        private(set) var moved = 0
    #endif

    /// The memory that an empty buffer keeps; one large message does not raise it.
    private static let keptCapacity = 524_288

    var count: Int { bytes.count - written }

    var isEmpty: Bool { count == 0 }

    /// Calls `body` with the pending bytes.
    func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[written...])) }
    }

    /// This many bytes have been written.
    mutating func drop(_ count: Int) {
        written += count
        guard written > bytes.count / 2 else { return }
        if isEmpty { return removeAll() }
        #if DEBUG
            moved += self.count
        #endif
        bytes.removeFirst(written)
        written = 0
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
        written = 0
    }
}
