import Testing
import ZMQReactorTesting

@testable import ZMTP

@Suite struct GroupTests {
    static let sizes = [0, 1, 244, 245, 249, 250, 251, 252, 253, 254, 255]

    private func group(_ size: Int) -> [UInt8] { (0..<size).map { UInt8(1 + $0 % 255) } }

    @Test("RAD-3: golden JOIN and LEAVE, and both at every size", arguments: sizes)
    func commands(size: Int) {
        let group = group(size)
        for (subscription, name) in [(Subscription.subscribe, "JOIN"), (.cancel, "LEAVE")] {
            var output: [UInt8] = []
            ([UInt8(size)] + group).withUnsafeBytes { subscription.append(group: $0, to: &output) }
            #expect(output == Wire.command(name, group))
        }
        var golden: [UInt8] = []
        ([1, 0x67] as [UInt8]).withUnsafeBytes { Subscription.subscribe.append(group: $0, to: &golden) }
        #expect(golden == hex("04 06 04 4A 4F 49 4E 67"))
    }

    @Test("RAD-3: JOIN and LEAVE become requests for the group as a topic", arguments: sizes, [nil, true])
    func rewriting(size: Int, long: Bool?) {
        let group = group(size)
        let plain = Wire.message([[7, 8]])
        let input =
            plain + Wire.command("JOIN", group, long: long) + plain + Wire.command("LEAVE", group, long: long) + plain
        let found = traffic(input, to: .radio, from: .dish)
        let topic = [UInt8(size)] + group
        #expect(found.messages == [plain, Wire.message([[1] + topic]), plain, Wire.message([[0] + topic]), plain])
        #expect(found.subscriptions == [.subscribe, .cancel])
        #expect(found.failure == nil)
    }

    @Test("RAD-3: to RADIO, messages and topics are no requests; to others, groups are none")
    func otherForms() {
        let message = Wire.message([[1, 65]])
        let toRadio = traffic(Wire.command("SUBSCRIBE", [1, 65]) + message, to: .radio, from: .dish)
        #expect(toRadio.messages == [message] && toRadio.subscriptions.isEmpty && toRadio.failure == nil)
        for (own, peer) in [(SocketType.pub, SocketType.sub), (.xpub, .xsub), (.pull, .push), (.dish, .radio)] {
            let found = traffic(Wire.command("JOIN", [65]) + Wire.command("LEAVE", [65]), to: own, from: peer)
            #expect(found.messages.isEmpty && found.subscriptions.isEmpty && found.failure == nil, "\(own)")
        }
    }

    @Test("RAD-4: a group that is too long, or has a zero byte, is an error", arguments: ["JOIN", "LEAVE"])
    func faults(name: String) {
        for data in [[UInt8](repeating: 65, count: 256), [UInt8](repeating: 65, count: 60_000), [65, 0, 66], [0]] {
            let found = traffic(Wire.command(name, data), to: .radio, from: .dish)
            #expect(found.failure?.code == .malformedCommand && found.subscriptions.isEmpty)
        }
    }

    @Test("RAD-3: a command that is cut off, or between the frames of a message, is no request")
    func position() {
        #expect(traffic(Wire.command("JOIN", [65, 66]).dropLast(), to: .radio, from: .dish).subscriptions.isEmpty)
        let between = Wire.frame(flags: 1, [65]) + Wire.command("JOIN", [65]) + Wire.frame(flags: 0, [66])
        #expect(traffic(between, to: .radio, from: .dish).failure == .subscriptionInMessage)
    }

    @Test("TS-3, TS-4: a type of messages of one frame ends the connection at the second", arguments: [false, true])
    func frames(long: Bool) {
        let types: [(SocketType, SocketType)] = [
            (.client, .server), (.server, .client), (.gather, .scatter), (.peer, .peer), (.channel, .channel),
        ]
        let one = Wire.message([[65]], long: long)
        for (own, peer) in types {
            let found = traffic(one + Wire.message([[66], [67]], long: long) + one, to: own, from: peer)
            #expect(found.messages == [one], "\(own)")
            #expect(found.failure == .tooManyFrames(limit: 1), "\(own)")
        }
        let two = Wire.message([[65], [66]], long: long)
        let found = traffic(one + two + Wire.message([[65], [66], [67]], long: long), to: .dish, from: .radio)
        #expect(found.messages == [one, two] && found.failure == .tooManyFrames(limit: 2))
    }

    @Test("RAD-2: a message for a group, and its group as a topic", arguments: sizes)
    func messages(size: Int) throws {
        let group = group(size)
        for body in [0, 255, 256, 100_000] {
            let bytes = [UInt8](repeating: 9, count: body)
            let made = bytes.withUnsafeBytes { Message(to: Frame(group), copying: $0) }
            var prepended = Message(bytes)
            prepended.prepend(Frame(group))
            for message in [made, prepended, Message(frames: [Frame(group), Frame(bytes)])] {
                #expect(message.count == 2 && Array(message[0]) == group && Array(message[1]) == bytes)
                #expect(message.withGroupTopic { Array($0) } == [UInt8(size)] + group)
            }
        }
        // A peer may use the long form for any size.
        let long = Wire.message([group, [1]], long: true)
        let chunk = Chunk(capacity: long.count)
        long.withUnsafeBytes { chunk.base.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        let message = Message(chunk: chunk, start: 0, end: long.count, frameCount: 2)
        #expect(message.withGroupTopic { Array($0) } == [UInt8(size)] + group)
        #expect(Message(frames: [Frame([UInt8](repeating: 1, count: 256)), ""]).withGroupTopic { _ in true } == nil)
        #expect(Message(frames: [Frame([UInt8](repeating: 1, count: 20_000)), ""]).withGroupTopic { _ in true } == nil)
    }
}
