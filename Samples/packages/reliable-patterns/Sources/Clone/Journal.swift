import Foundation

/// The changes of a map in a file, from which a server that was killed goes on.
///
/// A change is appended before it is published, so no client has seen a change that a restarted server does not know.
/// It is in the operating system's memory then, which outlives the process; for what outlives the operating system, see
/// `fsync(2)`.
final class Journal {
    private let file: FileHandle

    /// Opens or creates a journal.
    ///
    /// - Parameter restore: called with each change in it. An incomplete change at its end, in the middle of which the
    ///   process was killed, was never published, and is cut off.
    init(_ path: String, restore: (Change) -> Void) throws {
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
        file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        var records = Reader(bytes: [UInt8](try file.readToEnd() ?? Data()))
        var end = 0
        while let change = records.next() {
            restore(change)
            end = records.position
        }
        try file.truncate(atOffset: UInt64(end))
        try file.seekToEnd()
    }

    func append(_ change: Change) throws { try file.write(contentsOf: Data(Self.record(change))) }

    /// Number, id, and two lengths, of 4 bytes each, of the key and the value that follow.
    private static func record(_ change: Change) -> [UInt8] {
        let (key, id) = ([UInt8](change.key.utf8), change.id ?? ChangeID(high: 0, low: 0))
        let head = bytes(change.sequence) + bytes(id.high) + bytes(id.low)
        return head + bytes(UInt32(key.count)) + bytes(UInt32(change.value.count)) + key + change.value
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        mutating func next() -> Change? {
            guard let sequence = integer(UInt64.self), let high = integer(UInt64.self), let low = integer(UInt64.self),
                let keyCount = integer(UInt32.self), let valueCount = integer(UInt32.self),
                let key = take(Int(keyCount)), let value = take(Int(valueCount))
            else { return nil }
            let id = ChangeID(high: high, low: low)
            return Change(key: String(decoding: key, as: UTF8.self), sequence: sequence, id: id, value: Array(value))
        }

        private mutating func integer<T: FixedWidthInteger>(_ type: T.Type) -> T? {
            take(MemoryLayout<T>.size)?.reduce(0) { $0 << 8 | T($1) }
        }

        private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count <= bytes.count - position else { return nil }
            defer { position += count }
            return bytes[position..<position + count]
        }
    }
}
