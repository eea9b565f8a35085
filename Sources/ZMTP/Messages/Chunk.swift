#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A run of bytes that messages are slices of.
///
/// Every message in the program is a slice of a chunk: of the chunk into which its bytes were read, of the chunk in
/// which an application built it, or of a buffer that an application lent. A chunk frees its bytes when its last slice
/// is gone.
///
/// `@unchecked Sendable` holds because of one rule: **bytes that a slice covers are never written again.** The object
/// that fills a chunk is its only owner and writes only beyond the slices it has handed out; it starts again at the
/// front only when no slice is left (`isKnownUniquelyReferenced`).
///
/// Allocation may fail. If a peer determines how much is needed, the chunk is made with `init(ifPossible:)`, and the
/// peer's connection ends when there is no memory. All other allocations for a peer have a fixed size or a small limit
/// (a handshake of 64 KiB, the slots of a queue that has a high-water mark), or are requested by the application: if
/// these fail, the process ends, as Swift programs do.
@usableFromInline
package final class Chunk: @unchecked Sendable {
    @usableFromInline package let base: UnsafeMutableRawPointer
    @usableFromInline package let capacity: Int

    /// The bytes that follow this chunk's in a message of several buffers; empty otherwise.
    ///
    /// A chunk with pieces belongs to one message and is immutable. A frame's body never straddles two pieces: it
    /// either follows its header directly, or is one whole piece.
    @usableFromInline package let pieces: [Slice]

    /// Frees `base` instead of `deallocate`, for a lent buffer.
    @usableFromInline let release: (@Sendable () -> Void)?

    /// Uninitialised bytes, owned by the chunk.
    @usableFromInline
    package init(capacity: Int) {
        base = Self.allocateOrFail(capacity)
        self.capacity = capacity
        pieces = []
        release = nil
        assert(count(1))
    }

    /// Uninitialised bytes, owned by the chunk; nil when the system has no memory.
    package init?(ifPossible capacity: Int) {
        guard let base = Self.allocate(capacity) else { return nil }
        self.base = base
        self.capacity = capacity
        pieces = []
        release = nil
        assert(count(1))
    }

    /// Bytes owned by the chunk, followed by the bytes of other chunks.
    package init(capacity: Int, followedBy pieces: [Slice]) {
        base = Self.allocateOrFail(capacity)
        self.capacity = capacity
        self.pieces = pieces
        release = nil
        assert(count(1))
    }

    /// Bytes that are lent until `release` is called, once.
    package init(lent bytes: UnsafeRawBufferPointer, release: @escaping @Sendable () -> Void) {
        // An empty buffer may have no address; any address will do for no bytes.
        base = UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? UnsafeMutableRawPointer(bitPattern: 16)!
        capacity = bytes.count
        pieces = []
        self.release = release
        assert(count(1))
    }

    /// Whether these are plain bytes of the chunk's own: neither lent, nor the front part of a message in pieces.
    @inlinable package var isPlain: Bool { release == nil && pieces.isEmpty }

    /// Whether the bytes are lent.
    package var isLent: Bool { release != nil }

    private static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer? {
        guard capacity < SpareBlocks.smallest else { return SpareBlocks.shared.allocate(capacity) }
        return malloc(capacity)
    }

    private static func allocateOrFail(_ capacity: Int) -> UnsafeMutableRawPointer {
        guard let base = allocate(capacity) else { fatalError("no memory for \(capacity) bytes") }
        return base
    }

    deinit {
        assert(count(-1))
        if let release { return release() }
        guard capacity < SpareBlocks.smallest else { return SpareBlocks.shared.deallocate(base, capacity) }
        free(base)
    }
}

extension Chunk {
    /// Consecutive bytes of one chunk.
    @usableFromInline
    package struct Slice: Sendable {
        @usableFromInline package var chunk: Chunk
        @usableFromInline package var start: Int
        @usableFromInline package var end: Int

        @inlinable
        package init(chunk: Chunk, start: Int, end: Int) {
            self.chunk = chunk
            self.start = start
            self.end = end
        }

        @inlinable package var count: Int { end &- start }

        @inlinable package var bytes: UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(start: chunk.base + start, count: end &- start)
        }
    }

    /// Sizes for which the message path is designed, in bytes.
    @usableFromInline
    package enum Size {
        /// A chunk that many small messages share.
        @inlinable package static var shared: Int { 64 * 1024 }
        /// A chunk for the first messages to a peer.
        @inlinable package static var small: Int { 2048 }
        /// Frames up to this size are copied into the sending chunk; larger ones travel by reference.
        @inlinable package static var copied: Int { 8 * 1024 }
    }
}
