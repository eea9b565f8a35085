// Packets of PGM (RFC 3208), as far as a source and its receivers need them without help of routers.
//
//     all           source port, destination port, type, options, checksum, source id (6 bytes), length of the data
//     SPM           number, trailing edge, leading edge, address family, 0, address of the source
//     ODATA, RDATA  sequence number, trailing edge, data
//     NAK, NCF      sequence number, address family, 0, address of the source, address family, 0, group; further numbers
//     SPMR          nothing
//
//   MC-1  A packet whose length, checksum or options are wrong is dropped; so is one of ODATA or RDATA without a
//         checksum, in fragments, or with parity.
//   MC-2  Packets to another data port, or of another session where that matters, are ignored.
//
// The options of a packet begin with their total length. Only the list of further numbers in a NAK or NCF means
// something here, and the fragment, which is not accepted.

/// What distinguishes a sender from all others: RFC 3208's transport session identifier.
package struct TransportSession: Hashable, Sendable {
    /// The global source id, 6 bytes.
    let source: UInt64
    /// The source port.
    let port: UInt16

    /// - Parameter random: where the source id is taken from.
    package init(random: UInt64, port: UInt16) {
        source = random & 0xFFFF_FFFF_FFFF
        self.port = port
    }
}

extension TransportSession: CustomStringConvertible {
    /// The source id in hexadecimal digits and the port.
    package var description: String {
        let digits = String(source, radix: 16)
        return String(repeating: "0", count: 12 - digits.count) + digits + ":\(port)"
    }
}

/// A packet that has been checked.
struct PGMPacket {
    enum Kind: UInt8 {
        case sourcePath = 0x00
        case data = 0x04
        case repair = 0x05
        case request = 0x08
        case confirmation = 0x0A
        case sourcePathRequest = 0x0C
    }

    enum Body {
        /// SPM: the source tells its window and its address.
        case sourcePath(trail: UInt32, lead: UInt32, address: UInt32)
        /// ODATA or RDATA.
        case data(UInt32, trail: UInt32, isRepair: Bool, UnsafeRawBufferPointer)
        /// NAK: a receiver misses packets of a source. NCF: the source confirms a NAK.
        case missing(SequenceList, source: UInt32, group: UInt32, isConfirmation: Bool)
        /// SPMR: a receiver asks for an SPM.
        case sourcePathRequest
    }

    /// The size of what all packets begin with.
    static let headerSize = 16
    /// The size of what stands in front of the data.
    static let dataHeaderSize = 24

    /// The most sequence numbers in one NAK or NCF.
    static let longestList = 63

    let sourcePort: UInt16
    let destinationPort: UInt16
    /// The sender's, whichever way the packet goes.
    let source: UInt64
    let body: Body
}

/// The sequence numbers of a NAK or NCF.
struct SequenceList {
    let first: UInt32
    private let rest: UnsafeRawBufferPointer

    init(first: UInt32, rest: UnsafeRawBufferPointer) { (self.first, self.rest) = (first, rest) }

    var count: Int { 1 + rest.count / 4 }

    func forEach(_ body: (UInt32) -> Void) {
        body(first)
        guard let base = rest.baseAddress else { return }
        for number in 0..<rest.count / 4 { body(base.bigEndian32(at: 4 * number)) }
    }
}

extension UnsafeRawPointer {
    /// The 32-bit number in network order at `offset`.
    @inline(__always)
    func bigEndian32(at offset: Int) -> UInt32 {
        UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension UInt32 {
    /// How far this sequence number is ahead of the other one; negative when it is behind.
    @inline(__always)
    func distance(ahead other: UInt32) -> Int { Int(Int32(bitPattern: self &- other)) }
}
