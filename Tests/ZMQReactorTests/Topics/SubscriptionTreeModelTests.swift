import Testing
import ZMQReactorTesting

@testable import ZMQReactor

/// The tree against the naive model, over long random histories.
@Suite struct SubscriptionTreeModelTests {
    @Test(arguments: [
        (1, 2, 6, 4), (2, 2, 12, 3), (3, 3, 5, 40), (4, 1, 40, 2), (5, 256, 3, 5), (6, 2, 200, 3),
    ])
    func behavesLikeTheModel(seed: UInt64, letters: Int, length: Int, subscribers: Int) {
        var random = SeededGenerator(seed: seed)
        let alphabet = (0..<letters).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        var tree = SubscriptionTree(seed: seed)
        var model = NaiveSubscriptions()

        for step in 0..<4000 {
            let topic = random.topic(upTo: length, alphabet: alphabet)
            let subscriber = random.below(subscribers)
            // Growing and shrinking in turn.
            let growing = step / 500 % 2 == 0
            switch random.below(100) {
            case ..<(growing ? 60 : 25):
                let (isNew, isFirst) = model.insert(topic, subscriber)
                #expect(tree.insert(topic, subscriber) == .init(isNew: isNew, isFirst: isFirst))
            case ..<70:
                let known = model.topics.isEmpty ? topic : model.topics.keys.min { $0.lexicographicallyPrecedes($1) }!
                let target = random.below(2) == 0 ? topic : known
                let (existed, wasLast) = model.remove(target, subscriber)
                #expect(tree.remove(target, subscriber) == .init(existed: existed, wasLast: wasLast))
            case 70 where !growing:
                #expect(tree.removeAllReported(of: subscriber) == model.removeAll(of: subscriber))
            default:
                #expect(tree.matches(topic) == model.matches(topic))
            }
            if step % 250 == 249 { check(&tree, model, subscribers) }
        }

        for subscriber in 0..<subscribers {
            #expect(tree.removeAllReported(of: subscriber) == model.removeAll(of: subscriber))
            check(&tree, model, subscribers)
        }
        #expect(tree.topicCount == 0)
        #expect(tree.allocatedBytes < 4096 + subscribers * 128)
    }

    private func check(_ tree: inout SubscriptionTree, _ model: NaiveSubscriptions, _ subscribers: Int) {
        #expect(tree.all() == model.topics)
        #expect(tree.topicCount == model.topics.count)
        #expect(tree.subscriptionCount == model.topics.values.reduce(0) { $0 + $1.count })
        for subscriber in 0..<subscribers {
            let count = model.topics.values.count { $0.contains(subscriber) }
            #expect(tree.subscriptionCount(of: subscriber) == count)
        }
        expectConsistent(tree)
    }
}
