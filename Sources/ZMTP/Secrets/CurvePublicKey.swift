/// The public half of a CURVE key pair: 32 bytes, or 40 characters of ``Z85``.
public struct CurvePublicKey: Hashable, Sendable {
    /// The number of bytes of a key.
    public static let size = 32

    /// The bytes.
    public let bytes: [UInt8]

    /// The key of these 32 bytes.
    ///
    /// - Throws: ``CurveError/Code/invalidKey`` if there are more or fewer.
    public init(_ bytes: some Sequence<UInt8>) throws(CurveError) {
        let bytes = Array(bytes)
        guard bytes.count == Self.size else { throw .wrongSize(bytes.count) }
        self.bytes = bytes
    }

    /// The key of this text, as ``z85`` and libzmq's tools write it.
    ///
    /// - Throws: ``CurveError/Code/invalidKey`` if it is not 40 characters of ``Z85``.
    public init(z85 text: some StringProtocol) throws(CurveError) {
        guard let bytes = Z85.decode(text), bytes.count == Self.size else { throw .notZ85 }
        self.bytes = bytes
    }

    /// The key as 40 characters of ``Z85``.
    public var z85: String { Z85.encode(bytes) ?? "" }

    /// The 32 bytes at `bytes`.
    init(_ bytes: UnsafeRawPointer) {
        self.bytes = [UInt8](UnsafeRawBufferPointer(start: bytes, count: Self.size))
    }
}

extension CurvePublicKey: CustomStringConvertible {
    /// The key as 40 characters of ``Z85``.
    public var description: String { z85 }
}
