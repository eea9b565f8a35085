import ZMTP

/// A routing id as a key: up to 16 bytes are compared as two numbers.
struct RoutingID: Hashable {
    private let words: (UInt64, UInt64)
    private let count: Int
    /// The whole id if it is longer.
    private let long: [UInt8]

    init(_ bytes: UnsafeRawBufferPointer) {
        var words: (UInt64, UInt64) = (0, 0)
        count = bytes.count
        if count <= 16 {
            withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
            long = []
        } else {
            long = Array(bytes)
        }
        self.words = words
    }

    init(_ frame: Frame) { self = frame.withUnsafeBytes { RoutingID($0) } }

    static func == (left: RoutingID, right: RoutingID) -> Bool {
        left.words == right.words && left.count == right.count && left.long == right.long
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(count)
        if count > 16 { hasher.combine(long) }
    }
}
