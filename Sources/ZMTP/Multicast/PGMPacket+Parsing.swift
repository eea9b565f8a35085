extension PGMPacket {
    private static let internetFamily: UInt16 = 1
    private static let hasOptions: UInt8 = 0x01
    private static let isParity: UInt8 = 0x80

    /// Checks a packet; nil when it is malformed, or of a kind that means nothing here.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerSize, let base = bytes.baseAddress else { return nil }
        guard let kind = Kind(rawValue: base.load(fromByteOffset: 4, as: UInt8.self)) else { return nil }
        let options = base.load(fromByteOffset: 5, as: UInt8.self)
        let checksum = base.loadUnaligned(fromByteOffset: 6, as: UInt16.self)
        if checksum != 0 {
            guard InternetChecksum.sum(bytes) == 0xFFFF else { return nil }
        } else if kind == .data || kind == .repair {
            return nil
        }
        guard options & Self.isParity == 0 else { return nil }
        sourcePort = base.bigEndian16(at: 0)
        destinationPort = base.bigEndian16(at: 2)
        source = UInt64(base.bigEndian16(at: 8)) << 32 | UInt64(base.bigEndian32(at: 10))
        let size = Int(base.bigEndian16(at: 14))
        let rest = UnsafeRawBufferPointer(rebasing: bytes[Self.headerSize...])
        let body =
            switch kind {
            case .data, .repair: Self.data(rest, size, options, isRepair: kind == .repair)
            case .sourcePath: Self.sourcePath(rest)
            case .request, .confirmation: Self.missing(rest, options, isConfirmation: kind == .confirmation)
            case .sourcePathRequest: Body.sourcePathRequest
            }
        guard let body else { return nil }
        self.body = body
    }

    private static func data(
        _ rest: UnsafeRawBufferPointer,
        _ size: Int,
        _ options: UInt8,
        isRepair: Bool
    ) -> Body? {
        guard rest.count >= 8, let base = rest.baseAddress else { return nil }
        var data = UnsafeRawBufferPointer(rebasing: rest[8...])
        if options & hasOptions != 0 {
            guard let found = Options(data), !found.isFragment else { return nil }
            data = UnsafeRawBufferPointer(rebasing: data[found.size...])
        }
        guard data.count == size else { return nil }
        return .data(base.bigEndian32(at: 0), trail: base.bigEndian32(at: 4), isRepair: isRepair, data)
    }

    private static func sourcePath(_ rest: UnsafeRawBufferPointer) -> Body? {
        guard rest.count >= 20, let base = rest.baseAddress, base.bigEndian16(at: 12) == internetFamily else {
            return nil
        }
        return .sourcePath(
            trail: base.bigEndian32(at: 4),
            lead: base.bigEndian32(at: 8),
            address: base.bigEndian32(at: 16)
        )
    }

    private static func missing(_ rest: UnsafeRawBufferPointer, _ options: UInt8, isConfirmation: Bool) -> Body? {
        guard rest.count >= 20, let base = rest.baseAddress,
            base.bigEndian16(at: 4) == internetFamily, base.bigEndian16(at: 12) == internetFamily
        else { return nil }
        var further = UnsafeRawBufferPointer(start: nil, count: 0)
        if options & hasOptions != 0 {
            guard let found = Options(UnsafeRawBufferPointer(rebasing: rest[20...])) else { return nil }
            further = found.numbers
        }
        return .missing(
            SequenceList(first: base.bigEndian32(at: 0), rest: further),
            source: base.bigEndian32(at: 8),
            group: base.bigEndian32(at: 16),
            isConfirmation: isConfirmation
        )
    }
}

/// The options at the beginning of the bytes behind a packet's own part.
private struct Options {
    /// The size of all of them.
    let size: Int
    private(set) var isFragment = false
    private(set) var numbers = UnsafeRawBufferPointer(start: nil, count: 0)

    private static let length: UInt8 = 0x00
    private static let fragment: UInt8 = 0x01
    private static let list: UInt8 = 0x02
    private static let end: UInt8 = 0x80
    /// The most options of a packet.
    private static let most = 16

    /// nil when they are malformed.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 4, let base = bytes.baseAddress,
            base.load(as: UInt8.self) == Self.length, base.load(fromByteOffset: 1, as: UInt8.self) == 4
        else { return nil }
        size = Int(base.bigEndian16(at: 2))
        guard size >= 4, size <= bytes.count else { return nil }
        var offset = 4
        for _ in 0..<Self.most {
            // Each has at least a type, a length and a reserved byte.
            guard size - offset >= 3 else { return nil }
            let type = base.load(fromByteOffset: offset, as: UInt8.self)
            let count = Int(base.load(fromByteOffset: offset + 1, as: UInt8.self))
            guard count >= 3, count <= size - offset else { return nil }
            switch type & ~Self.end {
            case Self.fragment: isFragment = true
            case Self.list:
                // A reserved byte precedes the numbers.
                guard count >= 4, (count - 4) % 4 == 0, count <= 4 * PGMPacket.longestList else { return nil }
                numbers = UnsafeRawBufferPointer(rebasing: bytes[offset + 4..<offset + count])
            default: break
            }
            offset += count
            if type & Self.end != 0 { return }
        }
        return nil
    }
}
