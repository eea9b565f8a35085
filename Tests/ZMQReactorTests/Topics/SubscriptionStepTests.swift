import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMQReactor

/// No step of a subscription tree takes long, however large it is: the loop has other sockets to serve.
@Suite struct SubscriptionStepTests {
    #if DEBUG
        @Test(
            "growing to a hundred thousand topics and shrinking to none, each change moves a few slots, nodes and labels"
        )
        func workOfOneChange() {
            var random = SeededGenerator(seed: 7)
            let count = 100_000
            var tree = SubscriptionTree(seed: 7)
            var topics: [[UInt8]] = []
            var (most, last) = (0, 0)
            func noteStep() {
                let work = tree.topics.work + tree.topics.edges.work + (tree.own.isEmpty ? 0 : tree.own.base[0].work)
                most = max(most, work - last)
                last = work
            }
            for number in 0..<count {
                topics.append(
                    (0..<(1 + number % 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) } + "\(number)".utf8
                )
                tree.insert(topics[number], 0)
                noteStep()
            }
            topics.shuffle(using: &random)
            for topic in topics {
                tree.remove(topic, 0)
                noteStep()
            }
            check(tree.topicCount == 0)
            // Sixteen slots of each table, sixteen nodes swept and given back, and a table that has just been replaced.
            #expect(most <= 16 * 12)
        }
    #endif

    @Test("a tree that grows and shrinks while its tables are moved keeps its content")
    func staysConsistent() {
        var random = SeededGenerator(seed: 3)
        var tree = SubscriptionTree(seed: 3)
        var model: [[UInt8]: Int] = [:]
        var topics: [[UInt8]] = []
        func topic() -> [UInt8] {
            (0..<Int.random(in: 1...12, using: &random)).map { _ in UInt8.random(in: 0..<6, using: &random) }
        }
        for target in [6000, 50, 3000, 5, 9000, 0] {
            var step = 0
            while topics.count != target {
                step += 1
                // Some in the opposite direction.
                if (topics.count < target) == (step % 5 != 0), topics.count < 10_000 {
                    let new = topic()
                    guard model[new] == nil else { continue }
                    model[new] = step % 3
                    topics.append(new)
                    check(tree.insert(new, step % 3).isFirst)
                } else if !topics.isEmpty {
                    topics.swapAt(.random(in: topics.indices, using: &random), topics.count - 1)
                    let old = topics.removeLast()
                    check(tree.remove(old, model.removeValue(forKey: old)!).wasLast)
                }
                if step % 997 == 0 { expectConsistent(tree) }
            }
            expectConsistent(tree)
            #expect(tree.all() == model.mapValues { [$0] })
            let frame = topic()
            let expected = Set((0...frame.count).compactMap { model[Array(frame[..<$0])] })
            #expect(Set(tree.matches(frame)) == expected)
        }
    }

    @Test("the memory of removed long topics is returned to the system while others stay")
    func labels() {
        var tree = SubscriptionTree()
        func topic(_ number: Int) -> [UInt8] {
            Array("\(number).".utf8) + [UInt8](repeating: UInt8(number & 255), count: 500)
        }
        for number in 0..<20_000 { tree.insert(topic(number), 0) }
        for number in 0..<20_000 where number % 20 != 0 { tree.remove(topic(number), 0) }
        expectConsistent(tree)
        check(tree.allocatedBytes < 5_000_000, "\(tree.allocatedBytes) bytes")
        for number in 0..<20_000 { #expect(tree.matches(topic(number)).count == (number % 20 == 0 ? 1 : 0)) }
    }

    @Test("a subscriber's topics can be removed in portions, while others subscribe and cancel")
    func portions() {
        var tree = SubscriptionTree()
        for number in 0..<10_000 {
            tree.insert("topic \(number)", 0)
            if number % 3 == 0 { tree.insert("topic \(number)", 1) }
        }
        var (ended, portions, hasMore) = (Set<String>(), 0, true)
        while hasMore {
            var count = 0
            hasMore = tree.removeSome(of: 0, atMost: 100) { topic, wasLast in
                count += 1
                if wasLast { ended.insert(String(decoding: topic, as: UTF8.self)) }
            }
            #expect(count <= 100)
            tree.insert("new \(portions)", 2)
            portions += 1
        }
        #expect(portions >= 100)
        #expect(ended == Set((0..<10_000).filter { $0 % 3 != 0 }.map { "topic \($0)" }))
        expectConsistent(tree)
        check(tree.topicCount == 3334 + portions)
    }
}
