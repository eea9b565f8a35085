// Parses a header that a peer wrote; every bit may be wrong (F-3, F-4).

extension FrameHeader {
    /// The result of parsing the first bytes of a frame.
    package enum Decoded: Equatable, Sendable {
        /// A complete, legal header.
        case header(FrameHeader)
        /// An incomplete header; it needs this many bytes.
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
