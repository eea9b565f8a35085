import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct SubscriptionTests {
    static let sizes = [0, 1, 244, 245, 246, 247, 248, 249, 253, 254, 255, 256, 65_536]

    private func encoded(_ subscription: Subscription, _ topic: [UInt8], _ version: ProtocolVersion) -> [UInt8] {
        var output: [UInt8] = []
        subscription.append(topic: topic, for: version, to: &output)
        #expect(output.count == subscription.encodedSize(topicSize: topic.count, for: version))
        return output
    }

    @Test("golden SUBSCRIBE and CANCEL") func golden() {
        #expect(encoded(.subscribe, [], .v3_1) == hex("04 0A 09 53 55 42 53 43 52 49 42 45"))
        #expect(encoded(.subscribe, [0x41], .v3_1) == hex("04 0B 09 53 55 42 53 43 52 49 42 45 41"))
        #expect(encoded(.cancel, [0x41], .v3_1) == hex("04 08 06 43 41 4E 43 45 4C 41"))
        #expect(encoded(.subscribe, [0x41], .v3_0) == hex("00 02 01 41"))
        #expect(encoded(.cancel, [0x41], .v2_0) == hex("00 02 00 41"))
        let long = encoded(.subscribe, Wire.zeros(246), .v3_1)
        #expect(long.starts(with: hex("06 00 00 00 00 00 00 01 00 09 53 55 42 53 43 52 49 42 45 00")))
    }

    @Test("S-6: both forms at every size", arguments: sizes)
    func forms(size: Int) {
        let topic = [UInt8](repeating: 0x74, count: size)
        for (subscription, name) in [(Subscription.subscribe, "SUBSCRIBE"), (.cancel, "CANCEL")] {
            let message = Wire.message([[subscription.rawValue] + topic])
            #expect(encoded(subscription, topic, .v3_1) == Wire.command(name, topic))
            #expect(encoded(subscription, topic, .v3_0) == message)
            #expect(encoded(subscription, topic, .v2_0) == message)
        }
    }

    @Test("S-3, S-4: commands and messages become subscriptions", arguments: sizes, [nil, true])
    func rewriting(size: Int, long: Bool?) {
        let topic = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let plain = Wire.message([[1, 2, 3]])
        let input =
            plain + Wire.command("SUBSCRIBE", topic, long: long) + Wire.command("CANCEL", topic, long: long) + plain
            + Wire.message([[1] + topic])
        let expected = [
            plain, Wire.message([[1] + topic]), Wire.message([[0] + topic]), plain, Wire.message([[1] + topic]),
        ]
        for (own, peer) in [(SocketType.xpub, SocketType.xsub), (.pub, .sub)] {
            let found = traffic(input, to: own, from: peer)
            #expect(found.messages == expected)
            #expect(found.subscriptions == [.subscribe, .subscribe, .cancel, .subscribe, .subscribe])
            #expect(found.failure == nil)
        }
    }

    @Test("DEV-28: a short header in front of a long size is an error") func brokenLongForm() {
        // libzmq 4.3 encodes topics in this way if their command needs the long form but they do not: 246 to 255 bytes.
        var broken = Wire.command("SUBSCRIBE", Wire.zeros(250), long: true)
        broken[0] = 0x04
        #expect(traffic(broken, to: .xpub, from: .sub).failure?.code == .malformedCommand)
    }

    @Test(
        "S-3: other sockets ignore commands",
        arguments: [(SocketType.xsub, SocketType.xpub), (.pull, .push)]
    )
    func ignored(own: SocketType, peer: SocketType) {
        let input = Wire.command("SUBSCRIBE", [1]) + Wire.message("m") + Wire.command("CANCEL", [1])
        #expect(traffic(input, to: own, from: peer).messages == [Wire.message("m")])
        // There, messages that begin like one are plain messages, too.
        let found = traffic(Wire.message([[1, 65]]), to: own, from: peer)
        #expect(found.messages == [Wire.message([[1, 65]])] && found.subscriptions == [])
    }

    @Test("other messages of a peer stay messages, among subscriptions") func ownMessages() {
        let own = [Wire.message([[2, 65]]), Wire.message([[]]), Wire.message([[9], [1, 65]])]
        let input = own[0] + Wire.message([[1, 65]]) + own[1] + Wire.command("CANCEL", [65]) + own[2]
        for (type, peer) in [(SocketType.xpub, SocketType.xsub), (.pub, .xsub)] {
            let found = traffic(input, to: type, from: peer)
            #expect(found.messages.filter(own.contains) == own)
            #expect(found.subscriptions == [.subscribe, .cancel])
        }
    }
}
