import ZMTP

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A walk down a ``TopicTree`` along a frame, over all topics that the frame starts with, shortest first.
///
/// It holds plain pointers into the tree and the frame: neither may change during the walk.
struct PrefixWalk {
    private let nodes: UnsafePointer<TopicNode>
    private let labels: UnsafePointer<UInt8>
    private let edges: EdgeTable.Index
    private var bytes: UnsafePointer<UInt8>

    /// The bytes of the frame behind the last node found.
    private(set) var remaining: Int
    /// The last node found.
    private(set) var node: Int32

    @inline(__always)
    init(_ tree: borrowing TopicTree, frame: UnsafeRawBufferPointer) {
        nodes = UnsafePointer(tree.nodes.base)
        labels = UnsafePointer(tree.labels.base)
        edges = tree.edges.index
        remaining = frame.count
        bytes = frame.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? labels
        // The root is the first find; an empty tree has none.
        node = tree.nodes.isEmpty ? -2 : -1
    }

    /// Advances to the next topic and returns its value; negative if there are no more.
    @inline(__always)
    mutating func next() -> Int32 {
        if node < 0 {
            if node == -2 { return TopicNode.noValue }
            node = 0
            let value = nodes[0].value
            if value >= 0 { return value }
        }
        while descend() {
            let value = nodes[Int(node)].value
            if value >= 0 { return value }
        }
        return TopicNode.noValue
    }

    /// Moves to the child whose label continues the frame.
    @inline(__always)
    private mutating func descend() -> Bool {
        let children = nodes[Int(node)].childCount
        guard children > 0, remaining > 0 else { return false }
        let byte = bytes[0]
        var child = nodes[Int(node)].childrenMixed
        if children > 1 {
            child = edges.child(of: node, byte: byte, in: nodes)
            if child == 0 { return false }
        } else if nodes[Int(child)].firstByte != byte {
            return false
        }
        let length = Int(nodes[Int(child)].labelLength)
        guard length <= remaining else { return false }
        if length > 1 {
            let label = labels + nodes[Int(child)].labelOffset
            guard memcmp(label + 1, bytes + 1, length &- 1) == 0 else { return false }
        }
        node = child
        bytes += length
        remaining &-= length
        return true
    }
}

extension TopicTree {
    /// The length of a node's topic.
    private func length(of node: Int32) -> Int {
        var length = 0
        var i = Int(node)
        while i != 0 {
            length += Int(nodes.base[i].labelLength)
            i = Int(nodes.base[i].parent)
        }
        return length
    }

    /// Whether there is memory for `topic(of:)`: peers determine the length of topics.
    func hasMemoryToSpell(_ node: Int32) -> Bool {
        Memory.isAvailable(spelling.growth(for: length(of: node) - spelling.count))
    }

    /// The bytes of a node's topic, valid until the tree changes or another topic is spelled.
    mutating func topic(of node: Int32) -> UnsafeRawBufferPointer {
        let length = length(of: node)
        spelling.grow(toHold: length)
        var end = length
        var i = Int(node)
        while i != 0 {
            let labelLength = Int(nodes.base[i].labelLength)
            end -= labelLength
            (spelling.base + end).update(from: labels.base + nodes.base[i].labelOffset, count: labelLength)
            i = Int(nodes.base[i].parent)
        }
        return UnsafeRawBufferPointer(start: spelling.base, count: length)
    }

    /// Calls `body` with every topic and its value, in no particular order. The tree must not change meanwhile.
    mutating func forEachTopic(_ body: (UnsafeRawBufferPointer, Int32) -> Void) {
        for node in 0..<nodes.count {
            let value = nodes.base[node].value
            if value >= 0 { body(topic(of: Int32(node)), value) }
        }
        forgetSpelling()
    }

    /// Calls `body` with topics of the next nodes from `node` on, at most `limit` nodes, and until `byteLimit` is
    /// reached; returns the node to continue with, nil if there are no more. The tree may change between two calls: a
    /// topic keeps its node.
    mutating func forEachTopic(
        from node: Int,
        nodes limit: Int,
        bytes byteLimit: Int = .max,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Int? {
        let end = min(node + limit, nodes.count)
        var (node, bytes) = (node, 0)
        while node < end, bytes < byteLimit {
            if nodes.base[node].value >= 0 {
                let topic = topic(of: Int32(node))
                bytes += topic.count
                body(topic)
            }
            node += 1
        }
        if node < nodes.count { return node }
        forgetSpelling()
        return nil
    }

    /// Frees the memory for spelling if it is large.
    mutating func forgetSpelling() {
        spelling.removeAll(keepingUpTo: 256)
    }
}
