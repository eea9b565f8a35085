import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct CommandTests {
    @Test("CM-1: unknown commands in traffic are ignored", arguments: [nil, true])
    func unknown(long: Bool?) {
        let message = Wire.message("m")
        let unknown = Wire.command("WHATEVER", Wire.zeros(300), long: long) + Wire.command("ping", long: long)
        #expect(traffic(message + unknown + message).messages == [message, message])
    }

    @Test("N-6: READY in traffic is ignored") func ready() {
        let message = Wire.message("m")
        #expect(traffic(Wire.ready(.pair) + message).messages == [message])
    }

    @Test("N-7: ERROR in traffic ends the connection for good") func error() {
        let found = traffic(Wire.message("m") + Wire.error("go\naway"))
        #expect(found.messages == [Wire.message("m")])
        #expect(found.failure == .refused(reason: "go?away"))
        #expect(found.failure?.isRefusalByPeer == true)
    }

    @Test(
        "CM-2: a command without a complete name is an error",
        arguments: ["04 00", "04 01 00", "04 01 05", "04 03 03 41 42"]
    )
    func malformed(command: String) {
        #expect(traffic(hex(command)).failure?.code == .malformedCommand)
    }

    @Test("DEV-8: a limit for messages does not affect small commands") func smallLimit() {
        let found = traffic(Wire.ping("0123456789abcdef") + Wire.message("1"), maxMessageSize: 1)
        #expect(found.messages.count == 1)
        #expect(found.failure == nil)
    }

    @Test("F-5: a command is no larger than a message or a handshake may be") func tooLarge() {
        let header = [0x06] + Wire.bigEndian(65_537, bytes: 8)
        #expect(traffic(header, maxMessageSize: 1).failure == .commandTooLarge(65_537, limit: 65_536))
        #expect(traffic(header, maxMessageSize: 65_537).failure == nil)
    }

    @Test("ERROR truncates its reason to 255 printable characters") func errorReason() {
        var output: [UInt8] = []
        ErrorCommand.append(reason: "400", to: &output)
        #expect(output == hex("04 0A 05 45 52 52 4F 52 03 34 30 30"))
        output = []
        ErrorCommand.append(reason: "é\n" + String(repeating: "x", count: 300), to: &output)
        #expect(output == Wire.command("ERROR", [255] + Array("???".utf8) + [UInt8](repeating: 0x78, count: 252)))
    }
}
