/// The secret half of a CURVE key pair, which is printed nowhere: not by `print`, `dump`, string interpolation or a
/// debugger's description.
///
/// Its bytes are wiped when the last copy is gone.
public struct CurveSecretKey: Sendable {
    /// The number of bytes of a key.
    public static let size = 32

    let secret: SecretBytes

    init(_ secret: SecretBytes) { self.secret = secret }

    /// The key of these 32 bytes.
    ///
    /// - Throws: ``CurveError/Code/invalidKey`` if there are more or fewer.
    public init(_ bytes: some Sequence<UInt8>) throws(CurveError) {
        var bytes = Array(bytes)
        defer { bytes.wipe() }
        guard bytes.count == Self.size else { throw .wrongSize(bytes.count) }
        secret = bytes.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    /// The key of this text, as ``exportedZ85()`` and libzmq's tools write it.
    ///
    /// - Throws: ``CurveError/Code/invalidKey``, without the text, if it is not 40 characters of ``Z85``.
    public init(z85 text: some StringProtocol) throws(CurveError) {
        guard var bytes = Z85.decode(text) else { throw .notZ85 }
        defer { bytes.wipe() }
        guard bytes.count == Self.size else { throw .notZ85 }
        secret = bytes.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    /// The key as 40 characters of ``Z85``, to store it: a copy that is not wiped.
    public func exportedZ85() -> String { secret.withUnsafeBytes { Z85.encode($0) ?? "" } }

    /// Calls `body` with the 32 bytes, in place. The pointer is valid during the call only.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }
}

extension CurveSecretKey: Equatable {
    /// Whether the keys are the same, in a time that does not depend on them.
    public static func == (left: CurveSecretKey, right: CurveSecretKey) -> Bool {
        left.secret.isSame(as: right.secret)
    }
}

extension CurveSecretKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<secret key>`.
    public var description: String { "<secret key>" }
    /// Always `<secret key>`.
    public var debugDescription: String { description }
    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
