import Testing
import ZMQReactorTesting

@testable import ZMQReactor

/// Long topics, deep trees, many subscriptions, many subscribers.
@Suite struct SubscriptionTreeScaleTests {
    @Test func millionSubscriptions() {
        var random = SeededGenerator(seed: 11)
        let count = 1_000_000
        var topics = [UInt64](repeating: 0, count: count * 2)
        for i in topics.indices { topics[i] = random.next() }
        var tree = SubscriptionTree(seed: 11)
        topics.withUnsafeBytes { bytes in
            func topic(_ i: Int) -> UnsafeRawBufferPointer { .init(rebasing: bytes[i * 16..<i * 16 + 16]) }
            for i in 0..<count { tree.insert(topic(i), subscriber: i % 16) }
            #expect(tree.topicCount == count)
            #expect(tree.allocatedBytes < 100 * count)

            var wrong = 0
            for i in stride(from: 0, to: count, by: 7) {
                var hits = 0
                tree.forEachMatch(topic(i)) { hits += $0 == i % 16 ? 1 : 2 }
                if hits != 1 { wrong += 1 }
            }
            #expect(wrong == 0)

            // A disconnected subscriber, one cancellation at a time, and the memory is returned while others remain.
            tree.removeAll(of: 3)
            for i in 1000..<count where i % 16 != 3 {
                if !tree.remove(topic(i), subscriber: i % 16).wasLast { wrong += 1 }
            }
            #expect(wrong == 0)
            #expect(tree.topicCount == (0..<1000).count { $0 % 16 != 3 })
            for i in 0..<1000 { #expect(tree.matches(Array(topic(i))) == (i % 16 == 3 ? [] : [i % 16])) }
            while tree.isUntidy { tree.tidy() }
            #expect(tree.allocatedBytes < 300_000)
            expectConsistent(tree)
        }
    }

    @Test func topicOfOneMebibyte() {
        var tree = SubscriptionTree()
        var topic = [UInt8](repeating: 0xAA, count: 1 << 20)
        tree.insert(topic, 0)
        #expect(tree.matches(topic + [1]) == [0])
        #expect(tree.matches(Array(topic.dropLast())) == [])
        topic[topic.count - 1] = 0xBB
        tree.insert(topic, 1)
        #expect(tree.matches(topic) == [1])
        #expect(tree.removeAllReported(of: 0).map(\.value) == [true])
        #expect(tree.all() == [topic: [1]])
        tree.remove(topic, 1)
        #expect(tree.allocatedBytes < 4096)
    }

    @Test func everyPrefixOfALongTopic() {
        let depth = 3000
        let topic = (0..<depth).map { UInt8($0 % 251) }
        var tree = SubscriptionTree()
        for length in (0...depth).reversed() { tree.insert(Array(topic[..<length]), length % 2) }
        tree.insert(topic, 2)
        #expect(tree.matches(topic) == [0, 1, 2])
        expectConsistent(tree)
        #expect(tree.removeAllReported(of: 0).count == depth / 2 + 1)
        #expect(tree.matches(topic) == [1, 2])
        expectConsistent(tree)
        tree.removeAll(of: 1)
        #expect(tree.matches(topic) == [2])
        #expect(tree.topicCount == 1)
    }

    @Test func manySubscribersOfFewTopics() {
        var tree = SubscriptionTree()
        let everybody = Array(0..<5000)
        for subscriber in everybody.reversed() { tree.insert("", subscriber) }
        for subscriber in everybody where subscriber % 2 == 0 { tree.insert("A", subscriber) }
        #expect(tree.matches("B") == everybody)
        #expect(tree.matches("AB") == everybody)
        for subscriber in everybody where subscriber % 3 == 0 { tree.removeAll(of: subscriber) }
        #expect(tree.matches("AB") == everybody.filter { $0 % 3 != 0 })
        for subscriber in everybody { tree.removeAll(of: subscriber) }
        #expect(tree.topicCount == 0)
        #expect(tree.allocatedBytes < 4096)
    }

    @Test func churnDoesNotGrowTheTree() {
        var random = SeededGenerator(seed: 5)
        var tree = SubscriptionTree()
        tree.insert("stays", 0)
        for _ in 0..<20_000 {
            let topic = (0..<64).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            tree.insert(topic, 1)
            tree.insert(topic.reversed(), 2)
            tree.remove(topic, 1)
            tree.remove(Array(topic.reversed()), 2)
        }
        #expect(tree.allocatedBytes < 16 * 1024)
        expectConsistent(tree)
    }
}
