import Testing

@testable import ZMQReactor

/// The rules of matching, one by one.
@Suite struct SubscriptionTreeTests {
    private typealias Insertion = SubscriptionTree.Insertion
    private typealias Removal = SubscriptionTree.Removal

    @Test func emptyTreeMatchesNothingAndOwnsNothing() {
        var tree = SubscriptionTree()
        #expect(tree.matches("") == [])
        #expect(tree.matches("A") == [])
        #expect(tree.remove("A", 3) == Removal(existed: false, wasLast: false))
        #expect(tree.removeAllReported(of: 3) == [:])
        #expect(tree.allocatedBytes == 0)
    }

    @Test func S1_emptyTopicMatchesEverything() {
        var tree = SubscriptionTree()
        #expect(tree.insert("", 4) == Insertion(isNew: true, isFirst: true))
        #expect(tree.matches("") == [4])
        #expect(tree.matches("anything") == [4])
        #expect(tree.remove("", 4) == Removal(existed: true, wasLast: true))
        #expect(tree.matches("anything") == [])
    }

    @Test func S1_PUB9_ENV02_topicIsABinaryPrefix() {
        var tree = SubscriptionTree()
        tree.insert("Kd", 0)
        #expect(tree.matches("Kd") == [0])
        #expect(tree.matches("Kdx") == [0])
        #expect(tree.matches("K") == [])
        #expect(tree.matches("kd") == [])
        #expect(tree.matches("xKd") == [])
        #expect(tree.matches("") == [])
    }

    @Test func subscriptionsAddUpAndMatchASubscriberOnce() {
        var tree = SubscriptionTree()
        for topic in ["", "A", "AB", "ABC", "B"] { tree.insert(topic, 1) }
        tree.insert("AB", 2)
        tree.insert("ABCD", 2)
        #expect(tree.matches("ABCDE") == [1, 2])
        #expect(tree.matches("ABC") == [1, 2])
        #expect(tree.matches("B") == [1])
    }

    @Test func subscriptionsAreCancelledOneByOne() {
        var tree = SubscriptionTree()
        tree.insert("A", 1)
        tree.insert("AB", 1)
        tree.remove("A", 1)
        #expect(tree.matches("A") == [])
        #expect(tree.matches("AB") == [1])
        tree.remove("AB", 1)
        #expect(tree.matches("AB") == [])
    }

    @Test func topicsAreBinary() {
        var tree = SubscriptionTree()
        tree.insert([0x00], 0)
        tree.insert([0x00, 0xFF], 1)
        tree.insert([0xFF, 0x00, 0x80], 2)
        #expect(tree.matches([0x00]) == [0])
        #expect(tree.matches([0x00, 0xFF, 0x01]) == [0, 1])
        #expect(tree.matches([0xFF, 0x00, 0x80]) == [2])
        #expect(tree.matches([0xFF, 0x00, 0x81]) == [])
        for byte in 0...255 { tree.insert([UInt8(byte)], 3) }
        for byte in 0...255 { #expect(tree.matches([UInt8(byte), 7]) == (byte == 0 ? [0, 3] : [3])) }
    }

    @Test func S2_subscriptionsOfASubscriberAreASet() {
        var tree = SubscriptionTree()
        #expect(tree.insert("A", 1) == Insertion(isNew: true, isFirst: true))
        #expect(tree.insert("A", 1) == Insertion(isNew: false, isFirst: false))
        #expect(tree.subscriptionCount == 1)
        #expect(tree.remove("A", 1) == Removal(existed: true, wasLast: true))
        #expect(tree.remove("A", 1) == Removal(existed: false, wasLast: false))
        #expect(tree.matches("A") == [])
    }

    @Test func XPB5_firstAndLastSubscriberOfATopicAreReported() {
        var tree = SubscriptionTree()
        #expect(tree.insert("A", 7) == Insertion(isNew: true, isFirst: true))
        #expect(tree.insert("A", 5) == Insertion(isNew: true, isFirst: false))
        #expect(tree.insert("A", 6) == Insertion(isNew: true, isFirst: false))
        #expect(tree.insert("A", 6) == Insertion(isNew: false, isFirst: false))
        #expect(tree.matches("A") == [5, 6, 7])
        #expect(tree.remove("A", 5) == Removal(existed: true, wasLast: false))
        #expect(tree.remove("A", 5) == Removal(existed: false, wasLast: false))
        #expect(tree.remove("A", 7) == Removal(existed: true, wasLast: false))
        #expect(tree.matches("A") == [6])
        #expect(tree.remove("A", 6) == Removal(existed: true, wasLast: true))
        #expect(tree.topicCount == 0)
    }

    @Test func XPB6_disconnectedSubscriberReportsItsCancellations() {
        var tree = SubscriptionTree()
        for topic in ["", "A", "AB", "C"] { tree.insert(topic, 1) }
        for topic in ["A", "D"] { tree.insert(topic, 0) }
        let removed = tree.removeAllReported(of: 1)
        #expect(removed == [[]: true, [65]: false, [65, 66]: true, [67]: true])
        #expect(tree.subscriptionCount(of: 1) == 0)
        #expect(tree.all() == [[65]: [0], [68]: [0]])

        // The number is reused by another subscriber.
        tree.insert("AB", 1)
        #expect(tree.matches("ABC") == [0, 1])
        #expect(tree.subscriptionCount(of: 1) == 1)
    }

    @Test func S7_cancelOfAnUnknownTopicChangesNothing() {
        var tree = SubscriptionTree()
        tree.insert("ABC", 1)
        tree.insert("ABD", 1)
        for topic in ["", "A", "AB", "ABCD", "B"] {
            #expect(tree.remove(topic, 1) == Removal(existed: false, wasLast: false))
        }
        #expect(tree.remove("ABC", 2) == Removal(existed: false, wasLast: false))
        #expect(tree.topicCount == 2)
        #expect(tree.matches("ABC") == [1])
    }

    @Test func stampsSurviveWrapAround() {
        var tree = SubscriptionTree()
        tree.insert("A", 1)
        tree.insert("AB", 1)
        tree.stamp = .max - 1
        for _ in 0..<4 { #expect(tree.matches("AB") == [1]) }
    }
}
