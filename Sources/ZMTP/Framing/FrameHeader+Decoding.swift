// Reading a header a peer wrote: every bit is suspect (F-3, F-4).

extension FrameHeader {
    /// What the first bytes of a frame turned out to be.
    package enum Decoded: Equatable, Sendable {
        /// A whole, legal header.
        case header(FrameHeader)
        /// Not a whole header yet; it takes this many bytes.
        case needs(Int)
    }

    /// Reads the header in the `available` bytes at `bytes`.
    package static func decode(_ bytes: UnsafeRawPointer, available: Int) throws(ProtocolError) -> Decoded {
        guard available > 0 else { return .needs(shortSize) }
        let flags = bytes.load(as: UInt8.self)
        guard flags <= 6, flags != command | more else { throw .illegalFlags(flags) }
        let size = flags & long == 0 ? shortSize : longSize
        guard available >= size else { return .needs(size) }
        let header = FrameHeader(trusted: bytes)
        guard header.bodySize >= 0 else { throw .illegalSize }
        return .header(header)
    }
}
