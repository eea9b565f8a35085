/// Whether bytes that arrive in parts are UTF-8. Each is looked at once, as it arrives.
struct UTF8Check {
    /// The beginning of a scalar whose end has not arrived: at most three bytes.
    private var tail: [UInt8] = []

    /// Whether nothing is missing behind what has been checked.
    var isComplete: Bool { tail.isEmpty }

    /// Returns false when the bytes are not UTF-8, behind those before them.
    mutating func check(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while !tail.isEmpty, let next = rest.popFirst() {
            tail.append(next)
            guard let end = tail.withUnsafeBytes({ Self.end(of: $0) }) else { return false }
            if end > 0 { tail = [] }
        }
        let part = UnsafeRawBufferPointer(rebasing: rest)
        guard let end = Self.end(of: part) else { return false }
        tail += part[end...]
        return true
    }

    /// Where the whole scalars end, behind which another one begins at most; nil when the bytes are not UTF-8.
    private static func end(of bytes: UnsafeRawBufferPointer) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.assumingMemoryBound(to: UInt8.self).span)
            return bytes.count
        } catch {
            guard error.kind == .truncatedScalar, error.byteOffsets.upperBound == bytes.count else { return nil }
            return error.byteOffsets.lowerBound
        }
    }
}
