// The 64 bytes at the start of each direction of a ZMTP 3.x connection.
//
//   G-1   The padding is ignored.
//   G-4   If older peers are refused, all 64 bytes are sent at once, with zero padding.
//   D-1   If they are accepted, the first 10 bytes are the header of a long 1.0 frame: the padding is its length, the
//         signature's last byte its flags, and, to a 1.0 peer, the identity its body.
//   G-9   As-server is sent as configured, and is never a reason to reject a peer.
//   G-10  The filler is sent as zeros and ignored.

/// The greeting of a ZMTP 3.x peer.
package struct Greeting: Equatable, Sendable {
    /// The size of a greeting.
    package static let size = 64
    /// The size of the mechanism's name, padded with zeros.
    package static let mechanismSize = 20

    static let majorOffset = 10
    static let minorOffset = 11
    static let mechanismOffset = 12
    static let asServerOffset = 32

    /// The peer's major version, as sent.
    package var major: UInt8
    /// The minor version.
    package var minor: UInt8
    /// The mechanism's name, including its padding.
    package var mechanism: [UInt8]
    /// Whether the peer is the server of its mechanism.
    package var asServer: Bool

    /// This program's greeting: version 3.1.
    package init(mechanism name: StaticString, asServer: Bool = false) {
        precondition(name.utf8CodeUnitCount <= Self.mechanismSize, "a mechanism's name has at most 20 bytes")
        major = 3
        minor = 1
        mechanism = []
        mechanism.append(name)
        mechanism += [UInt8](repeating: 0, count: Self.mechanismSize - mechanism.count)
        self.asServer = asServer
    }

    /// Reads the 64 bytes at `bytes`, whose signature and major version have been checked.
    init(_ bytes: UnsafeRawPointer) {
        let bytes = UnsafeRawBufferPointer(start: bytes, count: Self.size)
        major = bytes[Self.majorOffset]
        minor = bytes[Self.minorOffset]
        mechanism = [UInt8](bytes[Self.mechanismOffset..<Self.asServerOffset])
        asServer = bytes[Self.asServerOffset] == 1
    }

    /// Appends the 64 bytes to `output`.
    package func append(to output: inout [UInt8]) {
        Self.appendSignature(padding: 0, to: &output)
        appendMajor(to: &output)
        appendRest(to: &output)
    }

    /// Appends the first 10 bytes.
    static func appendSignature(padding: Int, to output: inout [UInt8]) {
        output.append(0xFF)
        output.appendBigEndian(UInt64(padding))
        output.append(0x7F)
    }

    /// Appends the 11th byte.
    func appendMajor(to output: inout [UInt8]) { output.append(major) }

    /// Appends what follows the 11th byte.
    func appendRest(to output: inout [UInt8]) {
        output.reserveCapacity(output.count + Self.size - Self.minorOffset)
        output.append(minor)
        output += mechanism
        output.append(asServer ? 1 : 0)
        output += repeatElement(0, count: Self.size - Self.asServerOffset - 1)
    }
}
