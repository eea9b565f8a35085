/// A message with the number of its stream (4 bytes) and its number in the stream (8 bytes), both big-endian, then
/// padding up to its size.
///
/// What `LibzmqPeer.flood` sends and `LibzmqPeer.verify` expects.
public struct NumberedMessage: Hashable, Sendable {
    public static let minimumSize = 12

    public var stream: Int
    public var number: Int

    public init(stream: Int = 0, number: Int) {
        self.stream = stream
        self.number = number
    }

    /// Nil if there are too few `bytes`.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count >= Self.minimumSize else { return nil }
        stream = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        number = bytes.dropFirst(4).prefix(8).reduce(0) { $0 << 8 | Int($1) }
    }

    public func bytes(size: Int = minimumSize) -> [UInt8] {
        var result: [UInt8] = []
        withUnsafeBytes(of: UInt32(stream).bigEndian) { result += $0 }
        withUnsafeBytes(of: UInt64(number).bigEndian) { result += $0 }
        result += [UInt8](repeating: UInt8(ascii: "."), count: max(0, size - result.count))
        return result
    }
}
