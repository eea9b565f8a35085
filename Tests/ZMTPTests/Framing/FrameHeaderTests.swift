import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct FrameHeaderTests {
    /// The header's bytes, written in both ways.
    private func bytes(_ header: FrameHeader) -> [UInt8] {
        var appended: [UInt8] = []
        header.append(to: &appended)
        var written: [UInt8] = []
        written.append(count: header.size) { header.write(to: $0) }
        #expect(written == appended)
        return appended
    }

    private func decode(_ bytes: [UInt8]) throws(ProtocolError) -> FrameHeader.Decoded {
        // One byte before and behind, so that the address is odd and the buffer is never empty.
        let result = ([0xEE] + bytes + [0xEE]).withUnsafeBytes { buffer in
            Result { () throws(ProtocolError) in
                try FrameHeader.decode(buffer.baseAddress! + 1, available: bytes.count)
            }
        }
        return try result.get()
    }

    @Test("F-1, F-2: the shortest form", arguments: [0, 1, 254, 255, 256, 65_535, 65_536, Int.max])
    func roundTrip(bodySize: Int) throws {
        for flags in [0, FrameHeader.more, FrameHeader.command, FrameHeader.long] {
            let header = FrameHeader(flags: flags, bodySize: bodySize)
            let bytes = bytes(header)
            #expect(bytes.count == (bodySize > 255 ? 9 : 2))
            #expect(bytes.count == FrameHeader.size(forBody: bodySize))
            #expect(try decode(bytes) == .header(header))
            #expect(bytes.withUnsafeBytes { FrameHeader(trusted: $0.baseAddress!) } == header)
        }
    }

    @Test("F-1: golden headers") func golden() {
        #expect(bytes(FrameHeader(bodySize: 0)) == hex("00 00"))
        #expect(bytes(FrameHeader(flags: FrameHeader.more, bodySize: 0)) == hex("01 00"))
        #expect(bytes(FrameHeader(bodySize: 300)) == hex("02 00 00 00 00 00 00 01 2C"))
        #expect(bytes(FrameHeader(flags: FrameHeader.more, bodySize: 256)) == hex("03 00 00 00 00 00 00 01 00"))
        #expect(bytes(FrameHeader(flags: FrameHeader.command, bodySize: 256)) == hex("06 00 00 00 00 00 00 01 00"))
    }

    @Test("F-2: the long form of a small size is accepted") func longForm() throws {
        #expect(
            try decode(hex("02 00 00 00 00 00 00 00 05")) == .header(FrameHeader(trusted: hex("020000000000000005")))
        )
    }

    @Test("F-3: COMMAND with MORE, and reserved bits, are errors") func illegalFlags() throws {
        for flags in UInt8.min...UInt8.max {
            let bytes = [flags] + Wire.zeros(8)
            if [0, 1, 2, 3, 4, 6].contains(flags) {
                _ = try decode(bytes)
            } else {
                #expect(throws: ProtocolError.illegalFlags(flags)) { try decode(bytes) }
            }
        }
    }

    @Test("F-4: a size with its top bit set is an error") func illegalSize() throws {
        #expect(try decode(hex("02 7F FF FF FF FF FF FF FF")) == .header(FrameHeader(bodySize: .max)))
        #expect(throws: ProtocolError.illegalSize) { try decode(hex("02 80 00 00 00 00 00 00 00")) }
        #expect(throws: ProtocolError.illegalSize) { try decode(hex("06 FF FF FF FF FF FF FF FF")) }
    }

    @Test("an incomplete header") func incomplete() throws {
        #expect(try decode([]) == .needs(2))
        #expect(try decode([0]) == .needs(2))
        #expect(try decode([2]) == .needs(9))
        #expect(try decode([2, 0, 0, 0, 0, 0, 0, 0]) == .needs(9))
    }
}

extension FrameHeader {
    fileprivate init(trusted bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { FrameHeader(trusted: $0.baseAddress!) }
    }
}
