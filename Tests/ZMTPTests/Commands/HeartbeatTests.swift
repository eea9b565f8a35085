import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct HeartbeatTests {
    private func answer(_ input: [UInt8], minor: UInt8 = 1) -> [UInt8] {
        let handshake = Wire.greeting() + Wire.ready(.pull)
        return Array(traffic(input, minor: minor).output.dropFirst(handshake.count))
    }

    @Test("HB-1: golden PING and PONG", arguments: [0, 1] as [UInt8])
    func golden(minor: UInt8) {
        #expect(answer(hex("04 07 04 50 49 4E 47 00 00"), minor: minor) == hex("04 05 04 50 4F 4E 47"))
        #expect(answer(Wire.ping("ctx"), minor: minor) == hex("04 08 04 50 4F 4E 47 63 74 78"))
        #expect(answer(Wire.ping("a") + Wire.message("m") + Wire.ping("b")) == Wire.pong("a") + Wire.pong("b"))
    }

    @Test("HB-6: a context has at most 16 bytes") func contextLimit() {
        let most = "0123456789abcdef"
        #expect(answer(Wire.ping(most)) == Wire.pong(most))
        #expect(traffic(Wire.ping(most + "x")).failure?.code == .malformedCommand)
        #expect(traffic(Wire.pong(most)).pongs == [Array(most.utf8)])
        #expect(traffic(Wire.pong(most + "x")).failure?.code == .malformedCommand)
    }

    @Test("HB-6: a PING without its time to live is an error") func shortPing() {
        #expect(traffic(Wire.command("PING")).failure?.code == .malformedCommand)
        #expect(traffic(Wire.command("PING", [0])).failure?.code == .malformedCommand)
    }

    @Test("PONG is reported with its context") func pong() {
        let found = traffic(Wire.pong() + Wire.message("m") + Wire.pong("abc"))
        #expect(found.items.dropFirst() == [.pong([]), .message(Wire.message("m")), .pong(Array("abc".utf8))])
    }

    @Test("HB-2: the peer's time to live is kept") func timeToLive() {
        var session = Session(.accepting(.pull))
        session.feed(Wire.greeting() + Wire.ready(.push))
        let before = session.engine.peerTimeToLive
        session.feed(Wire.ping(timeToLive: 0x1234))
        let after = session.engine.peerTimeToLive
        #expect(before == 0)
        #expect(after == 0x1234)
    }

    @Test("DEV-29: no time to live over 65.5 s is sent") func encoding() {
        var output: [UInt8] = []
        Ping.append(timeToLive: 655, context: [1, 2], to: &output)
        #expect(output == hex("04 09 04 50 49 4E 47 02 8F 01 02"))
        #expect(output.count == Ping.encodedSize(contextSize: 2))
        output = []
        Ping.append(timeToLive: 6_000, to: &output)
        #expect(output == hex("04 07 04 50 49 4E 47 02 8F"))
    }
}
