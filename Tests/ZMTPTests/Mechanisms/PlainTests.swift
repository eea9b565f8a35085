import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct PlainTests {
    private static let client = Mechanism.plainClient(Example.credentials)
    private static let greeting = Wire.greeting(mechanism: "PLAIN")
    private static let hello = hex("04 13 05 48 45 4C 4C 4F 05 61 64 6D 69 6E 06 73 65 63 72 65 74")
    private static let welcome = hex("04 08 07 57 45 4C 43 4F 4D 45")

    private static func initiate(_ type: SocketType) -> [UInt8] {
        Wire.command("INITIATE", Wire.property("Socket-Type", type.rawValue))
    }

    private func server(_ input: [UInt8], verdict: Verdict? = .accepted(.anonymous)) -> Transcript {
        transcript(.accepting(.pull, .plainServer), Self.greeting + input, verdict: verdict)
    }

    private func client(_ input: [UInt8]) -> Transcript {
        transcript(.connecting(.push, Self.client), Self.greeting + input)
    }

    @Test("P-1, P-3: golden handshake, either side connecting", arguments: [true, false])
    func golden(clientConnects: Bool) {
        var found: Transcript
        let server = Engine.Configuration(
            socketType: .pull,
            role: clientConnects ? .accepting : .connecting,
            mechanism: .plainServer
        )
        found = transcript(server, Self.greeting + Self.hello + Self.initiate(.push) + Wire.message("m"))
        var own = Self.greeting
        own[32] = 1
        #expect(found.output == own + Self.welcome + Wire.ready(.pull))
        #expect(found.credentials == .plain(username: "admin", Password("secret")))
        #expect(found.peer?.socketType == .push)
        #expect(found.messages == [Wire.message("m")])

        let client = Engine.Configuration(
            socketType: .push,
            role: clientConnects ? .connecting : .accepting,
            mechanism: Self.client
        )
        found = transcript(client, Self.greeting + Self.welcome + Wire.ready(.pull))
        #expect(found.output == Self.greeting + Self.hello + Self.initiate(.push))
        #expect(found.items.count == 1 && found.peer?.socketType == .pull)
    }

    @Test("names of any text and passwords of any bytes, of 0 to 255 of them", arguments: [0, 1, 255])
    func sizes(size: Int) {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 + 1) }
        let name = bytes.map { $0 & 0x7F }
        let credentials = PlainCredentials(username: name, password: Password(bytes))
        let found = transcript(.connecting(.push, .plainClient(credentials)), Self.greeting)
        let hello = Wire.command("HELLO", [UInt8(size)] + name + [UInt8(size)] + bytes)
        #expect(found.output == Self.greeting + hello)
        #expect(server(hello).credentials == .plain(username: String(decoding: name, as: UTF8.self), Password(bytes)))
    }

    @Test("P-2: a user name that is not UTF-8 is refused, and the application is not asked")
    func noText() {
        let found = server(Wire.command("HELLO", [2, 0xC3, 0x28, 0]))
        #expect(found.credentials == nil && found.failure?.code == .notAuthenticated)
        #expect(found.output.suffix(12) == Wire.error("400"))
    }

    @Test("P-2: a client that is refused gets an ERROR, which says nothing of why")
    func refused() {
        for (refusal, code) in [(Refusal.denied, "400"), (.internalError, "500")] {
            let found = server(Self.hello + Self.initiate(.push), verdict: .refused(refusal))
            #expect(Array(found.output.dropFirst(64)) == Wire.error(code))
            #expect(found.failure == .notAuthenticated(refusal) && found.failure?.isRefusalByPeer == false)
            #expect(found.peer == nil)
        }
        // For now: it may try again.
        let found = server(Self.hello, verdict: .refused(.temporarily))
        #expect(found.output.count == Greeting.size)
        #expect(found.failure?.code == .notAuthenticated)
    }

    @Test("P-2, N-5: so does one of an incompatible type, once it is let in") func incompatible() {
        let found = server(Self.hello + Self.initiate(.pub))
        let error = ProtocolError.incompatible(.pub, with: .pull)
        #expect(found.failure == error)
        #expect(Array(found.output.dropFirst(64)) == Self.welcome + Wire.error(error.message))
    }

    @Test("CU-7: a client closes without an ERROR when the server's type is incompatible") func incompatibleServer() {
        let found = client(Self.welcome + Wire.ready(.pub))
        #expect(found.failure == .incompatible(.pub, with: .push))
        #expect(found.output == Self.greeting + Self.hello + Self.initiate(.push))
    }

    @Test("N-7, DEV-18: a client accepts ERROR in either spelling, in each state") func errors() {
        let misspelt = hex("04 09 5E 52 52 4F 52 03 34 30 30")
        for error in [Wire.error("400"), misspelt] {
            for state in [[], Self.welcome] {
                let found = client(state + error)
                #expect(found.failure == .refused(reason: "400"))
                #expect(found.failure?.isRefusalByPeer == true)
            }
        }
        for broken in ["04 05 5E 52 52 4F 52", "04 06 5E 52 52 4F 52 03", "04 07 5E 52 52 4F 52 00 41"] {
            #expect(client(hex(broken)).failure?.code == .malformedCommand)
        }
    }

    @Test("N-7: an ERROR with a reason of the wrong length is no refusal, in each state") func malformedErrors() {
        for (state, answer) in [([], []), (Self.welcome, Self.initiate(.push))] as [([UInt8], [UInt8])] {
            for data in Wire.malformedReasons {
                let found = client(state + Wire.command("ERROR", data))
                #expect(found.items.count == 1 && found.failure?.code == .malformedCommand, "\(data)")
                #expect(found.failure?.isRefusalByPeer == false, "\(data)")
                #expect(found.output == Self.greeting + Self.hello + answer, "\(data)")
            }
        }
    }

    @Test("CM-2: a client takes no command without a complete name, in each state") func nameless() {
        for (state, answer) in [([], []), (Self.welcome, Self.initiate(.push))] as [([UInt8], [UInt8])] {
            for command in Wire.namelessCommands {
                let found = client(state + command + Wire.ready(.pull))
                #expect(found.items.count == 1 && found.failure?.code == .malformedCommand, "\(command)")
                #expect(found.output == Self.greeting + Self.hello + answer, "\(command)")
            }
        }
    }

    @Test(
        "P-4: HELLO of the wrong size",
        arguments: ["", "00", "05", "01 41", "01 41 01", "01 41 00 00", "00 01", "FF 41", "00 00 00"]
    )
    func malformedHello(data: String) {
        let found = server(Wire.command("HELLO", hex(data)))
        #expect(found.items.count == 1 && found.failure?.code == .malformedCommand)
        #expect(found.output.count == Greeting.size)
    }

    @Test("P-4, CM-1: a server accepts one command in each state")
    func serverOrder() {
        let commands = ["WELCOME", "READY", "ERROR", "PING", "MESSAGE", "hello", "INITIATE", "HELLO"]
        for (state, next) in [([], "HELLO"), (Self.hello, "INITIATE")] {
            for name in commands where name != next {
                let found = server(state + Wire.command(name, [0, 0]) + Wire.message("m"))
                #expect(found.failure == .unexpectedCommand(name), "\(name) for \(next)")
                #expect(found.peer == nil && found.messages.isEmpty)
            }
            #expect(server(state + Wire.message("m")).failure == .messageInHandshake)
            #expect(server(state + hex("04 00")).failure?.code == .malformedCommand)
            #expect(server(state + hex("05 01 41")).failure?.code == .malformedFrame)
        }
    }

    @Test("P-4, CM-1: a client accepts one command in each state")
    func clientOrder() {
        let commands = ["HELLO", "INITIATE", "PING", "MESSAGE", "welcome", "READY", "WELCOME"]
        for (state, next) in [([], "WELCOME"), (Self.welcome, "READY")] {
            for name in commands where name != next {
                let found = client(state + Wire.command(name) + Wire.message("m"))
                #expect(found.failure == .unexpectedCommand(name), "\(name) for \(next)")
                #expect(found.peer == nil && found.messages.isEmpty)
            }
            #expect(client(state + Wire.message("m")).failure == .messageInHandshake)
        }
        #expect(client(Wire.command("WELCOME", [0])).failure?.code == .malformedCommand)
    }

    @Test("MD-2, MD-3: malformed metadata", arguments: ["", "0B 53", "00 00 00 00 00", "01 41 00 00 00 01"])
    func metadata(data: String) {
        let found = server(Self.hello + Wire.command("INITIATE", hex(data)))
        #expect(found.peer == nil && found.failure != nil)
        #expect(client(Self.welcome + Wire.command("READY", hex(data))).peer == nil)
    }

    @Test("the limit of metadata") func metadataLimit() {
        var configuration = Engine.Configuration.accepting(.pull, .plainServer)
        configuration.maxMetadataBytes = 19
        let found = transcript(configuration, Self.greeting + Self.hello + Self.initiate(.push))
        #expect(found.failure == .metadataTooLarge(20, limit: 19))
    }

    @Test("while the application decides, nothing is parsed") func undecided() {
        var session = Session(.accepting(.pull, .plainServer), verdict: nil)
        session.feed(Self.greeting + Self.hello)
        let output = session.transcript.output
        for _ in 0..<3 { session.feed(Self.initiate(.push) + [0xFF]) }
        #expect(session.transcript.items.count == 1)
        #expect(session.transcript.output == output)
        session.decide(.accepted(Acceptance(userID: "admin")))
        #expect(session.transcript.peer?.acceptance?.userID == "admin")
        // The first of the bytes that follow.
        #expect(session.transcript.failure == .illegalFlags(0xFF))
    }

    @Test("a verdict without a question is ignored") func verdictTooMany() {
        var session = Session(.accepting(.pull, .plainServer), verdict: nil)
        session.decide(.refused(.denied))
        session.feed(Self.greeting + Self.hello)
        session.decide(.accepted(Acceptance(userID: "one")))
        session.decide(.accepted(Acceptance(userID: "two")))
        session.decide(.refused(.denied))
        session.feed(Self.initiate(.push))
        session.decide(.refused(.denied))
        #expect(session.transcript.peer?.acceptance?.userID == "one")
        #expect(session.transcript.failure == nil)
    }

    @Test("the password is wiped where it was read") func wiped() {
        var session = Session(.accepting(.pull, .plainServer))
        let bytes = Self.greeting + Self.hello
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        var input = Input(base: buffer.baseAddress!, end: bytes.count)
        session.drain(&input)
        #expect(session.transcript.credentials != nil)
        #expect(buffer.suffix(Self.hello.count - 2).allSatisfy { $0 == 0 })
    }
}
