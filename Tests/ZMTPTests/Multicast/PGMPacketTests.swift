import Testing
import ZMQReactorTestSupport

@testable import ZMTP

@Suite struct PGMPacketTests {
    private static let port = 5555

    private func parse(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { PGMPacket($0) != nil } }

    @Test("MC-1: packets that others send are read", arguments: [0, 1, 2, 7, 8, 9, 1448])
    func data(size: Int) throws {
        let data = (0..<size).map { UInt8($0 & 0xFF) }
        let bytes = PGMWire.data(0xFFFF_FFFE, trail: 0xFFFF_FF00, data, to: Self.port, isRepair: size == 8)
        try bytes.withUnsafeBytes {
            let packet = try #require(PGMPacket($0))
            #expect(packet.sourcePort == 7000)
            #expect(packet.destinationPort == 5555)
            #expect(packet.source == 0x736F_7572_6365)
            guard case .data(let number, let trail, let isRepair, let found) = packet.body else {
                Issue.record("no data")
                return
            }
            #expect(number == 0xFFFF_FFFE)
            #expect(trail == 0xFFFF_FF00)
            #expect(isRepair == (size == 8))
            #expect([UInt8](found) == data)
        }
    }

    @Test("MC-1: what this side sends has the bytes that others expect") func sent() {
        let (session, port) = (MulticastExample.session, MulticastExample.port)
        let (address, group) = (MulticastExample.address, MulticastExample.group)
        let path = PGMPacket.sourcePath(
            session,
            port: port,
            number: 3,
            trail: 10,
            lead: 20,
            address: address,
            isFinal: false
        )
        #expect(path == PGMWire.sourcePath(number: 3, trail: 10, lead: 20, to: Self.port))
        for numbers: [UInt32] in [[7], [7, 9], Array(1...63)] {
            let nak = PGMPacket.missing(
                numbers[...],
                of: session,
                port: port,
                source: address,
                group: group,
                isConfirmation: false
            )
            // Upstream, the ports are exchanged.
            #expect(nak == PGMWire.missing(numbers, to: 7000, from: Self.port, group: group))
            let ncf = PGMPacket.missing(
                numbers[...],
                of: session,
                port: port,
                source: address,
                group: group,
                isConfirmation: true
            )
            #expect(ncf == PGMWire.missing(numbers, to: Self.port, group: group, isConfirmation: true))
            ncf.withUnsafeBytes {
                guard case .missing(let list, _, _, true)? = PGMPacket($0)?.body else {
                    Issue.record("no list")
                    return
                }
                var found: [UInt32] = []
                list.forEach { found.append($0) }
                #expect(found == numbers)
            }
        }
    }

    @Test("MC-1: a packet with any byte changed is dropped, or means something else") func checksums() {
        let good = PGMWire.data(5, Array("hello".utf8), to: Self.port)
        #expect(parse(good))
        for position in good.indices {
            var bad = good
            bad[position] ^= 0x10
            #expect(!parse(bad), "byte \(position)")
        }
        for size in 0..<good.count { #expect(!parse(Array(good.prefix(size)))) }
    }

    @Test(
        "MC-1: malformed packets are dropped",
        arguments: [
            ("data without a checksum", PGMWire.packet(4, [UInt8](repeating: 0, count: 8), to: port, checksum: 0)),
            ("data without a sequence number", PGMWire.packet(4, [1], to: port)),
            ("a size that is wrong", PGMWire.packet(4, [UInt8](repeating: 0, count: 9), to: port)),
            ("parity", PGMWire.packet(4, [UInt8](repeating: 0, count: 8), to: port, options: 0x80)),
            ("an unknown type", PGMWire.packet(0x77, [], to: port)),
            ("options that are missing", PGMWire.packet(4, [UInt8](repeating: 0, count: 8), to: port, options: 1)),
            (
                "options without a length",
                PGMWire.packet(4, [UInt8](repeating: 0, count: 8) + [1, 4, 0, 8, 0x8E, 4, 0, 0], to: port, options: 1)
            ),
            (
                "options longer than the packet",
                PGMWire.packet(4, [UInt8](repeating: 0, count: 8) + [0, 4, 0, 12, 0x8E, 4, 0, 0], to: port, options: 1)
            ),
            (
                "options without an end",
                PGMWire.packet(4, [UInt8](repeating: 0, count: 8) + [0, 4, 0, 8, 0x0E, 4, 0, 0], to: port, options: 1)
            ),
            (
                "an option of no size",
                PGMWire.packet(4, [UInt8](repeating: 0, count: 8) + [0, 4, 0, 8, 0x0E, 0, 0, 0], to: port, options: 1)
            ),
            (
                "a fragment",
                PGMWire.packet(
                    4,
                    [UInt8](repeating: 0, count: 8) + [0, 4, 0, 20, 0x81, 16] + [UInt8](repeating: 0, count: 14),
                    to: port,
                    options: 1
                )
            ),
            ("an SPM of another family", PGMWire.packet(0, [UInt8](repeating: 2, count: 20), to: port)),
            ("a short SPM", PGMWire.packet(0, [UInt8](repeating: 0, count: 19), to: port)),
            ("a short NAK", PGMWire.packet(8, [UInt8](repeating: 0, count: 8), to: port)),
        ]
    )
    func malformed(_ what: String, _ packet: [UInt8]) { #expect(!parse(packet), "\(what)") }

    @Test("an option that means nothing here is skipped") func otherOptions() {
        let body = [UInt8](repeating: 0, count: 8) + [0, 4, 0, 8, 0x83, 4, 0, 0] + [1, 2, 3]
        let bytes = PGMWire.packet(4, body, to: Self.port, options: 1, dataSize: 3)
        bytes.withUnsafeBytes {
            guard case .data(_, _, _, let data)? = PGMPacket($0)?.body else {
                Issue.record("no data")
                return
            }
            #expect([UInt8](data) == [1, 2, 3])
        }
    }
}
