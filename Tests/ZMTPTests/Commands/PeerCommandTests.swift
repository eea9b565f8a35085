import Testing

@testable import ZMTP

@Suite struct PeerCommandTests {
    @Test("S-4: 01 subscribes and 00 cancels; nothing else is a command") func messages() throws {
        let subscribe = try #require(PeerCommand(Message([1, 65, 66])))
        #expect(subscribe.subscription == .subscribe && subscribe.topic == "AB")
        let cancel = try #require(PeerCommand(Message([0])))
        #expect(cancel.subscription == .cancel && cancel.topic.isEmpty)
        for bytes in [[], [2], [255, 1]] as [[UInt8]] { #expect(PeerCommand(Message(bytes)) == nil) }
    }

    @Test("S-1: only the first frame counts") func firstFrame() throws {
        let command = try #require(PeerCommand(Message(frames: [Frame([1, 65]), "rest"])))
        #expect(command.topic == "A" && command.message == Message([1, 65]))
    }

    @Test("of a topic, of any length", arguments: [0, 1, 254, 255, 100_000]) func topics(size: Int) {
        let topic = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        for subscription in [Subscription.subscribe, .cancel] {
            let command = topic.withUnsafeBytes { PeerCommand(subscription, topic: $0) }
            #expect(command.subscription == subscription)
            #expect(command.message == Message([subscription.rawValue] + topic))
            #expect(Array(command.topic) == topic && command.withTopic { Array($0) } == topic)
        }
    }
}
