import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite struct ThousandSubscribersTests {
    @Test("A thousand subscribers of one PUB: each gets its messages, in order, and nothing else")
    func eachServed() async {
        await #expect(processExitsWith: .success) {
            try raiseDescriptorLimit(to: 4096)
            try withScene { scene in
                let pub = try scene.pub()
                let endpoint = try scene.endpoint(of: pub)
                var ready = false
                pub.waitForSubscribers(1000, within: .seconds(60)) { result in
                    if case .success = result { ready = true }
                }
                let subs = try (0..<1000).map { number in
                    let sub = try scene.sub(to: "all", "one \(number)/", "group \(number % 10)/")
                    try sub.connect(endpoint)
                    return sub
                }
                try scene.run(until: { ready }, "a thousand subscribers", within: .seconds(60))
                try scene.wait("all topics") { pub.topicCount == 1011 }
                for round in 0..<3 {
                    try pub.send(["all", "\(round)"])
                    for number in 0..<1000 { try pub.send("one \(number)/\(round)") }
                    for group in 0..<10 { try pub.send(["group \(group)/", "\(round)"]) }
                    try pub.send("absent")
                }
                for (number, sub) in subs.enumerated() {
                    let expected = (0..<3).flatMap {
                        ["all|\($0)", "one \(number)/\($0)", "group \(number % 10)/|\($0)"]
                    }
                    #expect(try scene.receive(9, sub) == expected)
                }
                scene.settle()
                for sub in subs { #expect(try sub.tryReceive() == nil) }
                #expect(pub.statistics.messagesDropped == 0)
                for sub in subs.dropFirst() { sub.close() }
                try scene.wait("their end") { pub.peerCount == 1 }
                #expect(pub.topicCount == 3)
            }
        }
    }
}
