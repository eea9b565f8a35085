import Testing
import ZMQReactorTesting

@testable import ZMQReactor

@Suite struct SubscriptionSetTests {
    @Test func emptySetMatchesNothingAndOwnsNothing() {
        let set = StringSet()
        #expect(!set.matches("A"))
        #expect(!set.matches(""))
        #expect(set.unsubscribe("A") == .unknown)
        #expect(set.all() == [])
        #expect(set.allocatedBytes == 0)
    }

    @Test func S2_subscriptionsAreCountedAndSentOnlyAtZero() {
        let set = StringSet()
        #expect(set.subscribe("A"))
        #expect(!set.subscribe("A"))
        #expect(!set.subscribe("A"))
        #expect(set.count == 1)
        #expect(set.unsubscribe("A") == .stillSubscribed)
        #expect(set.unsubscribe("A") == .stillSubscribed)
        #expect(set.matches("AB"))
        #expect(set.unsubscribe("A") == .cancelled)
        #expect(!set.matches("AB"))
        #expect(set.unsubscribe("A") == .unknown)
        #expect(set.subscribe("A"))
    }

    @Test func S1_SUB9_filtersByPrefix() {
        let set = StringSet()
        _ = set.subscribe("10001")
        _ = set.subscribe("100")
        _ = set.subscribe("2")
        #expect(set.matches("10001 5"))
        #expect(set.matches("100"))
        #expect(set.matches("2"))
        #expect(!set.matches("10"))
        #expect(!set.matches("3"))
        #expect(!set.matches(""))
    }

    @Test func S1_emptyTopicIsEverything() {
        let set = StringSet()
        #expect(set.subscribe(""))
        #expect(set.matches("A"))
        #expect(set.matches(""))
        #expect(set.unsubscribe("") == .cancelled)
        #expect(!set.matches("A"))
    }

    @Test func S5_everyTopicIsSentOnceAfterAReconnect() {
        let set = StringSet()
        for topic in ["", "A", "AB", "A", "B", "AB"] { _ = set.subscribe(topic) }
        #expect(set.all() == ["", "A", "AB", "B"])
        set.removeAll()
        #expect(set.isEmpty)
        #expect(set.all() == [])
    }

    @Test func behavesLikeACountedSet() {
        var random = SeededGenerator(seed: 21)
        let set = StringSet()
        var model: [[UInt8]: Int] = [:]
        for _ in 0..<5000 {
            let topic = random.topic(upTo: 8, alphabet: [0, 255])
            switch random.below(3) {
            case 0:
                let isFirst = set.subscribe(topic)
                #expect(isFirst == (model[topic] == nil))
                model[topic, default: 0] += 1
            case 1:
                let result = set.unsubscribe(topic)
                let times = model[topic] ?? 0
                #expect(result == (times == 0 ? .unknown : times == 1 ? .cancelled : .stillSubscribed))
                model[topic] = times > 1 ? times - 1 : nil
            default:
                let isWanted = set.matches(topic)
                #expect(isWanted == model.keys.contains { topic.starts(with: $0) })
            }
            #expect(set.count == model.count)
        }
    }
}

/// The set with strings and arrays instead of raw buffers, as an object because `#expect` accepts no noncopyable value.
private final class StringSet {
    private var topics = SubscriptionSet()

    var count: Int { topics.count }
    var isEmpty: Bool { topics.isEmpty }
    var allocatedBytes: Int { topics.allocatedBytes }

    func subscribe(_ topic: String) -> Bool { subscribe(Array(topic.utf8)) }
    func subscribe(_ topic: [UInt8]) -> Bool { topic.withUnsafeBytes { topics.subscribe($0) } }

    func unsubscribe(_ topic: String) -> SubscriptionSet.Cancellation { unsubscribe(Array(topic.utf8)) }
    func unsubscribe(_ topic: [UInt8]) -> SubscriptionSet.Cancellation {
        topic.withUnsafeBytes { topics.unsubscribe($0) }
    }

    func matches(_ frame: String) -> Bool { matches(Array(frame.utf8)) }
    func matches(_ frame: [UInt8]) -> Bool { frame.withUnsafeBytes { topics.matches($0) } }

    func removeAll() { topics.removeAll() }

    /// All topics in ascending order.
    func all() -> [String] {
        var all: [String] = []
        topics.forEachTopic { all.append(String(decoding: $0, as: UTF8.self)) }
        return all.sorted()
    }
}
