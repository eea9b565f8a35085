import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct CommandsBetweenFramesTests {
    let parts = [Wire.frame(flags: 1, [1]), Wire.frame(flags: 1, Wire.zeros(300)), Wire.frame(flags: 0, [2, 3])]

    @Test("DEV-33: a message is delivered in one piece") func compaction() {
        let input = parts[0] + Wire.ping("a") + Wire.pong("b") + parts[1] + Wire.command("XYZ") + parts[2]
        let next = Wire.message("next")
        let found = traffic(next + input + next + next)
        #expect(found.messages == [next, parts.flatMap { $0 }, next, next])
        #expect(found.pongs == [Array("b".utf8)])
        #expect(found.output.suffix(Wire.pong("a").count) == Wire.pong("a"))
    }

    @Test("DEV-33: at every end of a read") func compactionSplit() {
        let input =
            Wire.message("first") + Wire.ping("0") + parts[0] + Wire.ping("a") + parts[1] + Wire.pong("b")
            + Wire.ping("c") + parts[2] + Wire.pong("d") + Wire.message("last")
        let whole = traffic(input)
        #expect(whole.messages == [Wire.message("first"), parts.flatMap { $0 }, Wire.message("last")])
        #expect(whole.pongs == [Array("b".utf8), Array("d".utf8)])
        let handshake = Wire.greeting() + Wire.ready(.push)
        for split in 0...input.count {
            let found = transcript(.accepting(.pull), handshake + input, pieces: [handshake.count + split])
            #expect(found == whole, "split at \(split)")
        }
    }

    @Test("DEV-33: the size of the message does not count the commands") func limit() {
        let input = parts[0] + Wire.ping(String(repeating: "p", count: 16)) + parts[1] + Wire.ping() + parts[2]
        #expect(traffic(input, maxMessageSize: 303).messages.count == 1)
        #expect(traffic(input, maxMessageSize: 302).failure?.code == .tooLarge)
    }

    @Test("DEV-33: an error behind a gap") func error() {
        #expect(traffic(parts[0] + Wire.ping() + [0x05, 0x00]).failure?.code == .malformedFrame)
        #expect(traffic(parts[0] + Wire.ping() + [0x04, 0x00]).failure?.code == .malformedCommand)
    }

    @Test("F-8: a subscription between the frames of a message is an error") func subscription() {
        let found = traffic(parts[0] + Wire.command("SUBSCRIBE") + parts[2], to: .xpub, from: .xsub)
        #expect(found.failure == .subscriptionInMessage)
        #expect(traffic(parts[0] + Wire.command("SUBSCRIBE") + parts[2]).messages == [parts[0] + parts[2]])
    }
}
