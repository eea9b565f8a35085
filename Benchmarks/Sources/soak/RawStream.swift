import ZMQReactor

/// Records of a fixed size in a stream of bytes that may be split anywhere.
struct RawStream {
    private static let size = 40
    private var pending: [UInt8] = []

    /// The record for a message: its stamp, repeated.
    static func record(_ message: Message) -> [UInt8] {
        let stamp = [UInt8](message[0])
        return (0..<(size / stamp.count)).flatMap { _ in stamp }
    }

    /// A new connection: the rest of the last record is lost.
    mutating func restart() { pending = [] }

    /// Calls `body` for each complete record, with nil for a corrupted one.
    mutating func take(_ bytes: some Collection<UInt8>, _ body: (Payload.Stamp?) -> Void) {
        pending += bytes
        var start = 0
        while pending.count - start >= Self.size {
            let record = pending[start..<start + Self.size]
            let stamp = Array(record.prefix(8)).withUnsafeBytes { Payload.stamp($0) }
            body(record.enumerated().allSatisfy { $1 == record[start + $0 % 8] } ? stamp : nil)
            start += Self.size
        }
        pending.removeFirst(start)
    }
}
