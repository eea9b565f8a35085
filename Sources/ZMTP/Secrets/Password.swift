/// A password, which is printed nowhere: not by `print`, `dump`, string interpolation or a debugger's description.
///
/// Its bytes are wiped when the last copy is gone. Comparing passwords takes a time that depends on their sizes only.
public struct Password: Sendable {
    let secret: SecretBytes

    init(_ secret: SecretBytes) { self.secret = secret }

    /// The password whose UTF-8 bytes are those of `text`.
    ///
    /// The text itself is not wiped: strings cannot be.
    public init(_ text: some StringProtocol) { self.init(Array(text.utf8)) }

    /// The password of these bytes.
    public init(_ bytes: some Sequence<UInt8>) {
        var bytes = Array(bytes)
        defer { bytes.wipe() }
        secret = bytes.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    /// The number of bytes. PLAIN carries up to 255.
    public var count: Int { secret.count }

    /// Calls `body` with the bytes, in place. The pointer is valid during the call only.
    ///
    /// This is how to verify a password against a hash, and the only way to read it.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try secret.withUnsafeBytes(body)
    }
}

extension Password: Equatable {
    /// Whether the passwords are the same, in a time that depends on their sizes only.
    public static func == (left: Password, right: Password) -> Bool { left.secret.isSame(as: right.secret) }
}

extension Password: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<password>`.
    public var description: String { "<password>" }
    /// Always `<password>`.
    public var debugDescription: String { description }
    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
