import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct NullHandshakeTests {
    @Test("golden READY") func golden() {
        let rep = transcript(.connecting(.rep), Wire.greeting()).output.dropFirst(64)
        #expect(
            Array(rep) == hex("04 19 05 52 45 41 44 59 0B 53 6F 63 6B 65 74 2D 54 79 70 65 00 00 00 03 52 45 50")
        )
        let dealer = transcript(.connecting(.dealer), Wire.greeting()).output.dropFirst(64)
        #expect(Array(dealer) == Wire.ready(.dealer, identity: []))
        #expect(dealer.starts(with: hex("04 29 05")))
    }

    @Test("ID-3: on the wire a routing id is named Identity") func wireName() {
        let output = transcript(.connecting(.dealer, identity: [0x61]), Wire.greeting()).output
        #expect(output.suffix(14) == hex("08 49 64 65 6E 74 69 74 79 00 00 00 01 61"))
    }

    @Test("ID-2: REQ, DEALER and ROUTER send their identity, others none", arguments: SocketType.allCases)
    func ownIdentity(type: SocketType) {
        let output = transcript(.connecting(type, identity: [9, 8]), Wire.greeting()).output.dropFirst(64)
        #expect(Array(output) == Wire.ready(type, identity: type.announcesIdentity ? [9, 8] : nil))
    }

    @Test("MD-4: the application's metadata is sent and received") func metadata() {
        var configuration = Engine.Configuration.connecting(.push)
        configuration.metadata.append("X-Name", [1, 2, 3])
        let output = Array(transcript(configuration, Wire.greeting()).output)
        let found = transcript(.accepting(.pull), output)
        #expect(found.peer?.metadata["x-name"] == [1, 2, 3])
        #expect(found.peer?.metadata["Socket-Type"] == Array("PUSH".utf8))
    }

    @Test("N-1: READY is sent to a 3.0 peer at once") func symmetric() {
        for configuration: Engine.Configuration in [.accepting(.pull), .connecting(.pull)] {
            #expect(transcript(configuration, Wire.greeting(minor: 0)).output == Wire.greeting() + Wire.ready(.pull))
        }
    }

    @Test("N-2, N-3: with a 3.1 peer the connecting side begins") func roles() {
        #expect(transcript(.connecting(.pull), Wire.greeting()).output == Wire.greeting() + Wire.ready(.pull))
        #expect(transcript(.accepting(.pull), Wire.greeting()).output == Wire.greeting())
        #expect(traffic([]).output == Wire.greeting() + Wire.ready(.pull))
    }

    @Test("N-4: messages behind READY in the same read") func sameRead() {
        for minor: UInt8 in [0, 1] {
            #expect(traffic(Wire.message("m"), minor: minor).messages == [Wire.message("m")])
        }
    }

    @Test("N-5, MD-3: a peer of a wrong, unknown or missing type gets an ERROR") func mismatch() {
        let readys: [([UInt8], ProtocolError)] = [
            (Wire.ready(.pub), .incompatible(.pub, with: .pull)),
            (Wire.command("READY", Wire.property("Socket-Type", "FOO")), .unknownSocketType),
            (Wire.command("READY", Wire.property("Socket-Type", "push")), .unknownSocketType),
            (Wire.command("READY"), .noSocketType),
        ]
        for (ready, error) in readys {
            for minor: UInt8 in [0, 1] {
                let found = transcript(.accepting(.pull), Wire.greeting(minor: minor) + ready)
                #expect(found.items == [.failure(error)])
                #expect(error.code == .incompatibleSocketType)
                let own = minor == 0 ? Wire.ready(.pull) : []
                #expect(found.output == Wire.greeting() + own + Wire.error(error.message))
            }
        }
    }

    @Test("N-6: the peer's READY ends the handshake") func readyTwice() {
        #expect(traffic(Wire.ready(.push) + Wire.message("m")).messages.count == 1)
        #expect(traffic(Wire.error("late")).failure == .refused(reason: "late"))
    }

    @Test("N-7: ERROR in the handshake means not to retry") func refused() {
        let found = transcript(.connecting(.push), Wire.greeting() + hex("04 0A 05 45 52 52 4F 52 03 34 30 30"))
        #expect(found.items == [.failure(.refused(reason: "400"))])
        #expect(found.failure?.isRefusalByPeer == true)
        #expect(transcript(.connecting(.push), Wire.greeting() + Wire.error("")).failure == .refused(reason: ""))
    }

    @Test("ERROR with a wrong length is malformed", arguments: [[], [2, 0x41], [0, 0x41]] as [[UInt8]])
    func brokenError(data: [UInt8]) {
        let found = transcript(.connecting(.push), Wire.greeting() + Wire.command("ERROR", data))
        #expect(found.failure?.code == .malformedCommand)
    }

    @Test(
        "CM-1: other commands in the handshake are errors",
        arguments: ["PING", "HELLO", "SUBSCRIBE", "ready", "^RROR"]
    )
    func unexpected(name: String) {
        let found = transcript(.connecting(.push), Wire.greeting() + Wire.command(name, [0, 0]))
        #expect(found.failure == .unexpectedCommand(name))
    }

    @Test("CM-3: messages in the handshake are errors") func messages() {
        let body = Array(Wire.ready(.push).dropFirst(2))
        for flags: UInt8 in [0, 1, 2, 3] {
            let found = transcript(.accepting(.pull), Wire.greeting() + Wire.frame(flags: flags, body, long: flags > 1))
            #expect(found.failure == .messageInHandshake)
        }
    }

    @Test("F-2: READY may come in the long form") func longReady() {
        let ready = Wire.command("READY", Wire.property("Socket-Type", "PUSH"), long: true)
        #expect(transcript(.accepting(.pull), Wire.greeting() + ready).peer != nil)
    }

    @Test(
        "F-3, F-4, CM-2, MD-2: malformed commands",
        arguments: [
            "05 00", "0C 00", "06 80 00 00 00 00 00 00 00", "04 00", "04 02 05 41", "04 07 05 52 45 41 44 59 0B",
        ]
    )
    func malformed(command: String) {
        let found = transcript(.accepting(.pull), Wire.greeting() + hex(command))
        #expect([.malformedFrame, .malformedCommand].contains(found.failure?.code))
        #expect(found.output == Wire.greeting())
    }

    @Test("F-5, DEV-8: handshake commands have their own limit") func limit() {
        var configuration = Engine.Configuration.accepting(.pull)
        configuration.maxMessageSize = 1
        let large = Wire.command(
            "READY",
            Wire.property("Socket-Type", "PUSH") + Wire.property("X-A", Wire.zeros(60_000))
        )
        #expect(transcript(configuration, Wire.greeting() + large).peer != nil)
        let header = [0x06] + Wire.bigEndian(65_537, bytes: 8)
        #expect(transcript(configuration, Wire.greeting() + header).failure == .commandTooLarge(65_537, limit: 65_536))
        let claim = [0x06] + Wire.bigEndian(.max, bytes: 8)
        #expect(transcript(configuration, Wire.greeting() + claim).failure?.code == .tooLarge)
    }

    @Test("ID-1: identities of up to 255 bytes, with any first byte") func identities() {
        for identity: [UInt8] in [[], [0], [0, 1, 2, 3, 4], Wire.zeros(255)] {
            let ready = Wire.ready(.dealer, identity: identity)
            #expect(transcript(.accepting(.router), Wire.greeting() + ready).peer?.identity == identity)
        }
        let found = transcript(.accepting(.router), Wire.greeting() + Wire.ready(.dealer, identity: Wire.zeros(256)))
        #expect(found.failure == .identityTooLong(256))
        #expect(found.output == Wire.greeting() + Wire.error(ProtocolError.identityTooLong(256).message))
    }

    @Test("ID-2: other types have no identity") func ignoredIdentity() {
        let found = transcript(.accepting(.pull), Wire.greeting() + Wire.ready(.push, identity: [1]))
        #expect(found.peer?.identity == [])
    }
}
