package import ZMTP

/// Translates between the bytes of a stream and those of the protocol above it: bytes in, bytes out; no descriptor. It
/// begins with a prelude of its own.
package protocol StreamCodec: AnyObject, Prelude {
    /// Whether the prelude takes the processor for long, see `CostlyHandshakes`.
    var isCostly: Bool { get }

    /// The prelude is done.
    func begin()

    // MARK: Decoding

    /// Where to read to, of room for so many bytes to be decoded into: behind so many; nil when there is too little.
    func offset(in room: Int) -> Int?

    /// Decodes what has been read to the end of the room, into its start; returns how many bytes that are. More may be
    /// kept: what costs more than its bytes is decoded in portions.
    func decode(_ arrived: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int

    /// Keeps what has been read elsewhere.
    func keep(_ arrived: UnsafeRawBufferPointer)

    /// Whether something is kept, decoded or not.
    var hasKept: Bool { get }

    /// Takes the next portion of what is kept, as much as there is room for; returns how many bytes that are, which may
    /// be none.
    func takeKept(into room: UnsafeMutableRawBufferPointer) -> Int

    /// The bytes that are kept of messages: what has been decoded, and parts of what cannot be decoded yet.
    var heldBytes: Int { get }

    /// Whether nothing follows what has been decoded.
    var isOver: Bool { get }

    /// Why that is; nil when the peer has ended the stream without a complaint.
    var reasonOfEnd: EventReason? { get }

    /// Whether the answer to a heartbeat has arrived since the last call.
    func takePong() -> Bool

    // MARK: Encoding

    /// Whether more can be encoded.
    var takesFrames: Bool { get }

    /// Encodes as much as there is room for; returns how many of the bytes have been taken, and how many written.
    func encode(
        _ bytes: UnsafeRawBufferPointer,
        into room: UnsafeMutableRawBufferPointer
    ) -> (consumed: Int, produced: Int)

    /// What the codec has to say, ahead of what is encoded next; empty where it cannot stand. It is not taken as long as
    /// the peer does not read, however much arrives: the codec bounds it.
    func takeControl() -> [UInt8]

    /// Asks the peer for a sign of life.
    func ping()

    /// Says that nothing more follows; nil for the usual reason.
    func close(because reason: EventReason?)
}

extension StreamCodec {
    package var isCostly: Bool { false }
}
