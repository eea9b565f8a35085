import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct MetadataTests {
    private func decode(_ bytes: [UInt8]) throws(ProtocolError) -> Metadata {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(ProtocolError) in try Metadata(decoding: buffer) }
        }
        return try result.get()
    }

    @Test("written properties are read back") func roundTrip() throws {
        var metadata = Metadata()
        metadata.append("Socket-Type", Array("REP".utf8))
        metadata.append("X-Empty", [])
        metadata.append(String(repeating: "n", count: 255), Wire.zeros(70_000))
        var bytes: [UInt8] = []
        metadata.append(to: &bytes)
        #expect(bytes.count == metadata.encodedSize)
        #expect(try decode(bytes) == metadata)
        #expect(try decode([]) == Metadata())
    }

    @Test("MD-1: names are looked up case-insensitively") func lookUp() throws {
        let metadata = try decode(Wire.property("sOCKET-tYPE", "REP") + Wire.property("X-a", "1"))
        #expect(metadata["Socket-Type"] == Array("REP".utf8))
        #expect(metadata["x-A"] == [0x31])
        #expect(metadata["x-b"] == nil)
    }

    @Test("MD-2: names are 1 to 255 legal characters") func names() {
        #expect(throws: ProtocolError.self) { try decode(Wire.property("", "v")) }
        #expect(throws: ProtocolError.self) { try decode(Wire.property("a b", "v")) }
        #expect(throws: ProtocolError.self) { try decode(Wire.property("a\0", "v")) }
        #expect(throws: ProtocolError.self) { try decode(Wire.property("é", "v")) }
        #expect(throws: Never.self) { try decode(Wire.property("aZ09-_.+", "v")) }
        #expect(!Metadata.isLegal(name: "") && !Metadata.isLegal(name: "a:b") && Metadata.isLegal(name: "X-a"))
        #expect(!Metadata.isLegal(name: String(repeating: "n", count: 256)))
    }

    @Test("MD-2: nothing is truncated or left over") func truncated() {
        let first = Wire.property("Socket-Type", "REP")
        let bytes = first + Wire.property("X-Name", "value")
        for count in 0...bytes.count where count != 0 && count != first.count && count != bytes.count {
            #expect(throws: ProtocolError.self) { try decode(Array(bytes.prefix(count))) }
        }
        #expect(throws: ProtocolError.self) { try decode(bytes + [0]) }
        #expect(throws: ProtocolError.self) { try decode([1, 0x61, 0xFF, 0xFF, 0xFF, 0xFF]) }
        #expect(throws: ProtocolError.self) { try decode([1, 0x61, 0x7F, 0xFF, 0xFF, 0xFF, 0]) }
    }

    @Test("MD-5: a name may occur once") func duplicates() {
        #expect(throws: ProtocolError.malformedMetadata("duplicate property x-a")) {
            try decode(Wire.property("X-A", "1") + Wire.property("X-B", "2") + Wire.property("x-a", "1"))
        }
        #expect(throws: Never.self) { try decode(Wire.property("X-a0", "1") + Wire.property("X-aP", "1")) }
        // Many are compared in another way than few.
        let many = (0..<100).map { Wire.property("X-\($0)a", "1") }
        #expect(throws: Never.self) { try decode(many.flatMap { $0 }) }
        #expect(throws: ProtocolError.malformedMetadata("duplicate property x-50A")) {
            try decode(many.flatMap { $0 } + Wire.property("x-50A", "1"))
        }
    }
}
