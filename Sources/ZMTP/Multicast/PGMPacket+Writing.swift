// Packets as they are sent. Each is complete, with its checksum.

extension PGMPacket {
    /// Writes what all packets begin with, and the checksum of all `size` bytes, of which the rest has been written.
    static func finish(
        _ packet: UnsafeMutableRawPointer,
        _ size: Int,
        _ kind: Kind,
        from sourcePort: UInt16,
        to destinationPort: UInt16,
        of source: UInt64,
        options: UInt8 = 0,
        dataSize: Int = 0
    ) {
        packet.storeBytes(of: sourcePort.bigEndian, as: UInt16.self)
        packet.storeBytes(of: destinationPort.bigEndian, toByteOffset: 2, as: UInt16.self)
        packet.storeBytes(of: kind.rawValue, toByteOffset: 4, as: UInt8.self)
        packet.storeBytes(of: options, toByteOffset: 5, as: UInt8.self)
        packet.storeBytes(of: 0, toByteOffset: 6, as: UInt16.self)
        packet.storeBytes(of: UInt16(truncatingIfNeeded: source >> 32).bigEndian, toByteOffset: 8, as: UInt16.self)
        packet.storeBytes(of: UInt32(truncatingIfNeeded: source).bigEndian, toByteOffset: 10, as: UInt32.self)
        packet.storeBytes(of: UInt16(truncatingIfNeeded: dataSize).bigEndian, toByteOffset: 14, as: UInt16.self)
        let checksum = InternetChecksum.value(UnsafeRawBufferPointer(start: packet, count: size))
        packet.storeBytes(of: checksum, toByteOffset: 6, as: UInt16.self)
    }

    /// A packet whose body is `body`.
    private static func packet(
        _ kind: Kind,
        from sourcePort: UInt16,
        to destinationPort: UInt16,
        of source: UInt64,
        hasOptions: Bool,
        _ body: (inout [UInt8]) -> Void
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: headerSize)
        body(&bytes)
        let count = bytes.count
        bytes.withUnsafeMutableBytes {
            finish(
                $0.baseAddress!,
                count,
                kind,
                from: sourcePort,
                to: destinationPort,
                of: source,
                options: hasOptions ? 1 : 0
            )
        }
        return bytes
    }

    /// SPM, with the end of the session if it `isFinal`.
    static func sourcePath(
        _ session: TransportSession,
        port: UInt16,
        number: UInt32,
        trail: UInt32,
        lead: UInt32,
        address: UInt32,
        isFinal: Bool
    ) -> [UInt8] {
        packet(.sourcePath, from: session.port, to: port, of: session.source, hasOptions: isFinal) { bytes in
            bytes.appendBigEndian(number)
            bytes.appendBigEndian(trail)
            bytes.appendBigEndian(lead)
            bytes.append(address: address)
            // The length of the options, and the last of them: FIN.
            if isFinal { bytes += [0, 4, 0, 8, 0x8E, 4, 0, 0] }
        }
    }

    /// NAK from a receiver, or NCF from the source.
    ///
    /// - Parameter numbers: 1 to ``longestList``.
    static func missing(
        _ numbers: ArraySlice<UInt32>,
        of session: TransportSession,
        port: UInt16,
        source: UInt32,
        group: UInt32,
        isConfirmation: Bool
    ) -> [UInt8] {
        packet(
            isConfirmation ? .confirmation : .request,
            // A request goes upstream, with the ports exchanged.
            from: isConfirmation ? session.port : port,
            to: isConfirmation ? port : session.port,
            of: session.source,
            hasOptions: numbers.count > 1
        ) { bytes in
            bytes.appendBigEndian(numbers.first!)
            bytes.append(address: source)
            bytes.append(address: group)
            guard numbers.count > 1 else { return }
            let size = 4 * numbers.count
            bytes += [0, 4]
            bytes.appendBigEndian(UInt16(4 + size))
            bytes += [0x82, UInt8(size), 0, 0]
            for number in numbers.dropFirst() { bytes.appendBigEndian(number) }
        }
    }
}

extension [UInt8] {
    /// Appends an internet address, with its family.
    fileprivate mutating func append(address: UInt32) {
        self += [0, 1, 0, 0]
        appendBigEndian(address)
    }
}
