import Testing
import ZMQReactorTesting

@testable import ZMTP

/// The output at each step while a peer's version becomes known.
@Suite struct LadderTests {
    /// The output after each piece of the input.
    private func steps(_ configuration: Engine.Configuration, _ pieces: [[UInt8]]) -> [[UInt8]] {
        var session = Session(configuration)
        var steps = [session.transcript.output]
        for piece in pieces {
            let before = session.transcript.output.count
            session.feed(piece)
            steps.append(Array(session.transcript.output.dropFirst(before)))
        }
        return steps
    }

    private let rest = Array(Wire.greeting().dropFirst(11))

    @Test("D-1, D-5: 10 bytes at once, with the padding as the length of the identity") func unasked() {
        #expect(steps(.accepting(.pull, legacy: true), [])[0] == Wire.signature())
        #expect(steps(.accepting(.router, identity: [1, 2], legacy: true), [])[0] == Wire.signature(padding: 3))
        #expect(steps(.accepting(.pull, identity: [1, 2], legacy: true), [])[0] == Wire.signature())
    }

    @Test("G-4, D-3: all at once if older peers are refused, or do not know the type") func atOnce() {
        #expect(steps(.accepting(.pull), [])[0] == Wire.greeting())
        #expect(steps(.accepting(.server, legacy: true), [])[0] == Wire.greeting())
    }

    @Test("G-5, D-5: a 3.x peer gets the rest in steps") func current() {
        let theirs = Wire.greeting()
        let pieces = [Array(theirs[..<9]), Array(theirs[9..<10]), Array(theirs[10..<11]), Array(theirs[11...])]
        #expect(steps(.accepting(.pull, legacy: true), pieces) == [Wire.signature(), [], [3], rest, []])
        #expect(steps(.connecting(.pull, legacy: true), pieces).last == Wire.ready(.pull))
        #expect(steps(.accepting(.pull, legacy: true), [theirs]) == [Wire.signature(), [3] + rest])
    }

    @Test("golden: 2.0 ROUTER called me") func version2() {
        let configuration = Engine.Configuration.accepting(.router, identity: [0x6D, 0x65], legacy: true)
        let theirs = Wire.greeting2(type: 5)
        #expect(
            steps(configuration, [Array(theirs[..<10]), Array(theirs[10..<11]), Array(theirs[11...])]) == [
                hex("FF 00 00 00 00 00 00 00 03 7F"), hex("03"), hex("06 00 02 6D 65"), [],
            ]
        )
    }

    @Test("golden: 1.0, anonymous or not") func version1() {
        #expect(steps(.accepting(.rep, legacy: true), [[1], [0]]) == [Wire.signature(), [], []])
        let named = Engine.Configuration.accepting(.router, identity: [0x6D, 0x65], legacy: true)
        #expect(steps(named, [[1], [0]]) == [Wire.signature(padding: 3), [0x6D, 0x65], []])
        let found = transcript(.accepting(.rep, legacy: true), hex("01 00 04 00 72 65 71"))
        #expect(found.messages == [hex("00 03 72 65 71")])
        #expect(found.peer?.version == .v1_0)
    }

    @Test("a 1.0 peer with a long identity frame is recognised at byte 9") func longIdentity() {
        let theirs = Wire.frame1([0x69], long: true)
        let named = Engine.Configuration.accepting(.router, identity: [7], legacy: true)
        #expect(steps(named, [Array(theirs[..<9]), Array(theirs[9...])]) == [Wire.signature(padding: 2), [], [7]])
        #expect(transcript(named, theirs).peer?.identity == [0x69])
    }

    @Test("G-6: a rejected greeting has been answered completely") func answered() {
        let found = transcript(.accepting(.pull, legacy: true), Wire.greeting(mechanism: "CURVE"))
        #expect(found.output == Wire.signature() + [3] + rest)
        #expect(found.failure?.code == .mechanismMismatch)
    }

    @Test("D-2: only NULL without authentication is open to older peers") func guarded() throws {
        var mechanisms: [Mechanism] = [.authenticatedNull, .plainServer, .plainClient(Example.credentials)]
        #if Curve
            let keys = try CurveKeyPair()
            mechanisms += [try .curveServer(keys), try .curveClient(keys, serverKey: keys.publicKey)]
        #endif
        for mechanism in mechanisms {
            var configuration = Engine.Configuration.accepting(.pull, legacy: true)
            configuration.mechanism = mechanism
            for old in [hex("01 00"), Wire.greeting2(type: 8), Wire.greeting2(type: 8, revision: 0)] {
                let found = transcript(configuration, old + Wire.message1("sneaky"))
                #expect(found.failure?.code == .unsupportedVersion, "\(mechanism)")
                #expect(found.items.count == 1)
                // G-4: with nothing to detect, the greeting is sent at once.
                #expect(found.output.count == Greeting.size)
            }
        }
    }

    @Test("D-3: older peers are rejected by the option") func refused() {
        let old = transcript(.accepting(.pull), hex("01 00"))
        #expect(old.failure?.code == .unsupportedVersion && old.peer == nil)
        #expect(transcript(.accepting(.pull), Wire.greeting2(type: 8)).failure?.code == .unsupportedVersion)
    }

    @Test("DEV-3: revision 2 is 2.0, revision 0 is rejected") func revisions() {
        let configuration = Engine.Configuration.accepting(.pull, legacy: true)
        #expect(transcript(configuration, Wire.greeting2(type: 8, revision: 2)).peer?.version == .v2_0)
        let found = transcript(configuration, Wire.greeting2(type: 8, revision: 0))
        #expect(found.failure == .oldVersion(revision: 0))
    }
}
