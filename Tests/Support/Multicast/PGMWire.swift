/// The packets of PGM (RFC 3208), written independently of the engine.
public enum PGMWire {
    /// The source id of the packets, 6 bytes, unless another one is given.
    public static let source: [UInt8] = Array("source".utf8)

    /// The source port of the packets.
    public static let sourcePort = 7000

    /// A packet with its checksum.
    ///
    /// - Parameters:
    ///   - dataSize: what the header says.
    ///   - checksum: nil for the right one.
    public static func packet(
        _ type: UInt8,
        _ body: [UInt8],
        from sourcePort: Int = sourcePort,
        to port: Int,
        source: [UInt8] = source,
        options: UInt8 = 0,
        dataSize: Int = 0,
        checksum: UInt16? = nil
    ) -> [UInt8] {
        var bytes =
            number(sourcePort, 2) + number(port, 2) + [type, options, 0, 0] + source + number(dataSize, 2) + body
        let sum = checksum ?? self.checksum(bytes)
        bytes[6] = UInt8(sum >> 8)
        bytes[7] = UInt8(sum & 0xFF)
        return bytes
    }

    /// ODATA, or RDATA.
    public static func data(
        _ sequence: UInt32,
        trail: UInt32 = 0,
        _ data: [UInt8],
        to port: Int,
        source: [UInt8] = source,
        isRepair: Bool = false
    ) -> [UInt8] {
        let body = number(Int(sequence), 4) + number(Int(trail), 4) + data
        return packet(isRepair ? 5 : 4, body, to: port, source: source, dataSize: data.count)
    }

    /// SPM.
    public static func sourcePath(
        number sequence: UInt32 = 0,
        trail: UInt32,
        lead: UInt32,
        to port: Int,
        address: UInt32 = 0x7F00_0001,
        source: [UInt8] = source
    ) -> [UInt8] {
        let body = number(Int(sequence), 4) + number(Int(trail), 4) + number(Int(lead), 4) + self.address(address)
        return packet(0, body, to: port, source: source)
    }

    /// NAK, or NCF, of these sequence numbers.
    public static func missing(
        _ numbers: [UInt32],
        to port: Int,
        from sourcePort: Int = sourcePort,
        address: UInt32 = 0x7F00_0001,
        group: UInt32,
        source: [UInt8] = source,
        isConfirmation: Bool = false
    ) -> [UInt8] {
        var body = number(Int(numbers[0]), 4) + self.address(address) + self.address(group)
        if numbers.count > 1 {
            let size = 4 * numbers.count
            body += [0, 4] + number(4 + size, 2) + [0x82, UInt8(size), 0, 0]
            body += numbers.dropFirst().flatMap { number(Int($0), 4) }
        }
        return packet(
            isConfirmation ? 0x0A : 0x08,
            body,
            from: sourcePort,
            to: port,
            source: source,
            options: numbers.count > 1 ? 1 : 0
        )
    }

    /// The data of a datagram: the offset of the first message, and a part of a stream.
    public static func tsdu(_ offset: Int, _ stream: [UInt8]) -> [UInt8] { number(offset, 2) + stream }

    /// The ones' complement of the ones' complement sum, never 0.
    public static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum = 0
        for (index, byte) in bytes.enumerated() { sum += index % 2 == 0 ? Int(byte) << 8 : Int(byte) }
        while sum > 0xFFFF { sum = (sum & 0xFFFF) + sum >> 16 }
        return sum == 0xFFFF ? 0xFFFF : ~UInt16(sum)
    }

    private static func number(_ value: Int, _ bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func address(_ address: UInt32) -> [UInt8] { [0, 1, 0, 0] + number(Int(address), 4) }
}
