/// A set of binary topics, each with a value, that finds all topics a frame starts with.
///
/// A radix tree: a node stands for the bytes on the path from the root to it, and nodes without a value have at least
/// two children (except the root), so there are at most two nodes per topic. Everything is stored flat in a few blocks
/// of memory:
///
/// * `nodes`: 32 bytes each, identified by number. A node keeps its number as long as it has a value.
/// * `labels`: the bytes between a node and its parent. Splitting a node shares its bytes; garbage bytes are removed
///   when they are more than half, a few with each change.
/// * `edges`: one hash table from (node, byte) to child. A node has the exclusive or of its children's numbers, which
///   is the child itself if there is only one: no lists of children are needed.
///
/// There is no recursion, whatever the length of a topic or the depth of the tree. The cost of an operation grows with
/// the length of its topic and not with the number of topics, and so does the longest step: nothing is ever moved or
/// rehashed all at once.
struct TopicTree: ~Copyable {
    var nodes = RawArray<TopicNode>()
    var labels = LabelArena()
    var edges: EdgeTable

    /// Bytes of `labels` that no longer belong to a node.
    var garbage = 0
    /// The next node of a sweep of the labels, see `squeezeLabels()`; negative if there is no sweep.
    var sweepNode = -1
    /// Labels in front of this offset are moved by the sweep.
    var sweepEnd = 0
    /// The first of the linked unused nodes; 0 for none.
    var freeNode: Int32 = 0
    var freeNodeCount = 0
    #if DEBUG
        /// Nodes swept and freed, and bytes of labels moved by 64. For tests of the amount of work.
        var work = 0
    #endif
    /// Number of topics with a value.
    var count = 0
    /// The buffer in which ``topic(of:)`` spells a topic.
    var spelling = RawArray<UInt8>()

    /// Creates an empty tree, which owns no memory. Tests may pass their own seed.
    ///
    /// The default comes from the source of the standard library's hash seeds: one per process, which peers cannot
    /// guess, unless SWIFT_DETERMINISTIC_HASHING in the environment requests reproducible runs.
    init(seed: UInt64 = UInt64(bitPattern: Int64(Hasher().finalize()))) {
        edges = EdgeTable(seed: seed)
    }

    /// Longest topic in bytes.
    static let longestTopic = Int(Int32.max)

    /// Whether a topic of this length can be inserted; only amounts that should not get this far are beyond.
    func hasCapacity(forTopicOf length: Int) -> Bool {
        length <= Self.longestTopic && nodes.count < Int(Int32.max) - 2
    }

    /// The most bytes to allocate for inserting a topic of this length: it makes at most two nodes.
    func growth(forTopicOf length: Int) -> Int { nodes.growth(for: 2) + labels.growth(for: length) + edges.growth }

    /// Bytes of memory owned.
    var allocatedBytes: Int {
        nodes.allocatedBytes + labels.allocatedBytes + edges.allocatedBytes + spelling.allocatedBytes
    }

    /// The value of a node; negative for none.
    func value(of node: Int32) -> Int32 { nodes.base[Int(node)].value }

    /// Whether the empty topic has a value.
    @inline(__always)
    var rootHasValue: Bool { !nodes.isEmpty && nodes.base[0].value >= 0 }

    /// Replaces the value of a node that has one.
    func setValue(_ value: Int32, of node: Int32) {
        assert(value >= 0 && self.value(of: node) >= 0)
        nodes.base[Int(node)].value = value
    }

    /// The node of a topic that has a value.
    func find(_ topic: UnsafeRawBufferPointer) -> Int32? {
        var walk = PrefixWalk(self, frame: topic)
        while walk.next() >= 0 {
            if walk.remaining == 0 { return walk.node }
        }
        return nil
    }
}

/// A node of a ``TopicTree``.
struct TopicNode: BitwiseCopyable {
    /// The offset in `labels` of the bytes between the parent and this node, and their number.
    var labelOffset: Int
    var labelLength: UInt32
    /// The parent; for an unused node, its successor in the list.
    var parent: Int32
    /// The exclusive or of the children's numbers: the child itself, if there is one. For an unused node, its
    /// predecessor in the list.
    var childrenMixed: Int32
    /// The value of the topic that ends here; negative for none.
    var value: Int32
    /// 0 to 256.
    var childCount: UInt16
    /// The first byte of the label.
    var firstByte: UInt8

    static let noValue: Int32 = -1
}
