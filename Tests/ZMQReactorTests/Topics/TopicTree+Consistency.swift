import Testing

@testable import ZMQReactor

/// Expects a tree to be consistent. (`#expect` accepts no properties of noncopyable values.)
func expectConsistent(_ tree: borrowing SubscriptionTree, sourceLocation: SourceLocation = #_sourceLocation) {
    let isConsistent = tree.topics.isConsistent
    #expect(isConsistent, sourceLocation: sourceLocation)
}

extension TopicTree {
    /// Whether the invariants in the tree's description hold.
    var isConsistent: Bool {
        var values = 0
        var used = 0
        var labelBytes = 0
        var children = [Int32: (count: Int, mixed: Int32)]()
        for i in 0..<nodes.count where i == 0 || nodes.base[i].labelLength > 0 {
            let node = nodes.base[i]
            used += 1
            values += node.value >= 0 ? 1 : 0
            labelBytes += Int(node.labelLength)
            if i == 0 { continue }
            if node.firstByte != labels.base[node.labelOffset] { return false }
            children[node.parent, default: (0, 0)].count += 1
            children[node.parent, default: (0, 0)].mixed ^= Int32(i)
        }
        for i in 0..<nodes.count where i == 0 || nodes.base[i].labelLength > 0 {
            let node = nodes.base[i]
            let (count, mixed) = children[Int32(i)] ?? (0, 0)
            if count != node.childCount || mixed != node.childrenMixed { return false }
            if i > 0, node.value < 0, count < 2 { return false }
        }
        return values == count && labelBytes + garbage == labels.count && used + freeNodeCount == nodes.count
            && edges.count == max(0, used - 1)
    }
}
