import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct GreetingTests {
    private func refusal(_ input: [UInt8]) -> ProtocolError? {
        let found = transcript(.accepting(.pull), input)
        #expect(found.peer == nil)
        return found.failure
    }

    @Test("golden greeting") func golden() {
        let expected =
            hex("FF 00 00 00 00 00 00 00 00 7F 03 01 4E 55 4C 4C") + Wire.zeros(16) + [0] + Wire.zeros(31)
        #expect(expected.count == Greeting.size)
        for configuration: Engine.Configuration in [.accepting(.pull), .connecting(.sub)] {
            // G-4: all of it, at once.
            #expect(transcript(configuration, []).output == expected)
        }
    }

    @Test("G-1, G-9, G-10: padding, as-server and filler do not matter") func ignored() {
        var greeting = Wire.greeting()
        for offset in 1...8 { greeting[offset] = UInt8(offset) }
        greeting[9] = 0x01
        for offset in 32...63 { greeting[offset] = 1 }
        #expect(transcript(.accepting(.pull), greeting + Wire.ready(.push)).peer?.version == .v3_1)
    }

    @Test("G-2: higher versions count as 3.1", arguments: [(3, 1), (3, 2), (3, 255), (4, 0), (255, 0)])
    func higherVersions(major: Int, minor: Int) {
        let greeting = Wire.greeting(major: UInt8(major), minor: UInt8(minor))
        #expect(transcript(.accepting(.pull), greeting + Wire.ready(.push)).peer?.version == .v3_1)
    }

    @Test("minor version 0 is 3.0") func version30() {
        #expect(traffic([], minor: 0).peer?.version == .v3_0)
    }

    @Test("G-3: older versions are rejected at the byte that identifies them") func legacyVersions() {
        #expect(refusal([0x01]) == .notVersioned)
        #expect(refusal(Array("GET / HTTP/1.1\r\n".utf8)) == .notVersioned)
        #expect(refusal([0xFF] + Wire.zeros(7) + [1, 0x00]) == .notVersioned)
        #expect(refusal(Array(Wire.greeting().prefix(10))) == nil)
        for revision: UInt8 in 0...2 {
            #expect(refusal(Wire.greeting().prefix(10) + [revision]) == .oldVersion(revision: revision))
        }
        #expect(refusal([0x01])?.code == .unsupportedVersion)
        #expect(refusal([0x01])?.isRefusalByPeer == false)
    }

    @Test("G-6: a rejected greeting has been answered") func answered() {
        let found = transcript(.accepting(.pull), Wire.greeting(mechanism: "CURVE"))
        #expect(found.output == Wire.greeting())
        #expect(found.failure?.code == .mechanismMismatch)
    }

    @Test("G-8: whatever a peer offers, only our mechanism is used", arguments: ["PLAIN", "CURVE", "GSSAPI", ""])
    func oneMechanism(theirs: String) {
        for configuration: Engine.Configuration in [.accepting(.pull), .connecting(.pull)] {
            let found = transcript(configuration, Wire.greeting(mechanism: theirs))
            #expect(found.failure?.code == .mechanismMismatch)
            #expect(found.output == Wire.greeting())
        }
    }

    @Test("G-7: a mechanism that differs in any byte is rejected") func mechanisms() {
        for offset in 12..<32 {
            var greeting = Wire.greeting()
            greeting[offset] ^= 0x20
            #expect(refusal(greeting)?.code == .mechanismMismatch)
        }
        #expect(
            refusal(Wire.greeting(mechanism: "A\u{1B}[2J"))?.message
                == "the peer uses mechanism 'A?[2J', not 'NULL'"
        )
    }
}
