extension TopicTree {
    /// Returns an unused node, or a new one. It has no value and no children, and no edge leads to it yet.
    mutating func newNode(parent: Int32, labelOffset: Int, labelLength: Int, firstByte: UInt8) -> Int32 {
        let node = TopicNode(
            labelOffset: labelOffset,
            labelLength: UInt32(labelLength),
            parent: parent,
            childrenMixed: 0,
            value: TopicNode.noValue,
            childCount: 0,
            firstByte: firstByte
        )
        guard freeNode != 0 else {
            nodes.append(node)
            return Int32(nodes.count - 1)
        }
        let number = freeNode
        unlink(number)
        nodes.base[Int(number)] = node
        return number
    }

    /// Adds a node to the unused ones, and frees some of the unused ones behind the last one in use.
    mutating func dropNode(_ node: Int32) {
        nodes.base[Int(node)].labelLength = 0
        nodes.base[Int(node)].value = TopicNode.noValue
        link(node)
        giveBackNodes(64)
    }

    /// Whether there is unfinished work that the next changes continue.
    var isUntidy: Bool { canGiveBackNodes || hasUnusedCapacity || sweepNode >= 0 || edges.isMoving }

    /// Continues it, for about half a millisecond.
    mutating func tidy() {
        giveBackNodes(5000)
        for _ in 0..<100 where sweepNode >= 0 { sweep() }
        edges.moveOn(2000)
        if sweepNode < 0, count > 0 { squeezeLabels() }
    }

    /// Whether there are unused nodes behind the last one in use.
    var canGiveBackNodes: Bool { nodes.count > 1 && isUnused(nodes.count - 1) }

    /// Frees unused nodes from the end on, at most `limit`.
    mutating func giveBackNodes(_ limit: Int) {
        var left = limit
        while left > 0, canGiveBackNodes {
            unlink(Int32(nodes.count - 1))
            nodes.removeLast(1)
            left -= 1
            #if DEBUG
                work += 1
            #endif
        }
        // In parts of a few MB, because freeing pages takes the system some time.
        if hasUnusedCapacity { nodes.resize(to: max(nodes.count * 2, nodes.capacity - TopicTree.nodesFreedAtOnce, 8)) }
    }

    /// Whether there is memory for many more nodes than there are.
    private var hasUnusedCapacity: Bool { nodes.capacity > nodes.count * 4 + 64 }

    /// 4 MB of nodes.
    static var nodesFreedAtOnce: Int { 131_072 }

    /// Only the root and unused nodes have no label.
    private func isUnused(_ node: Int) -> Bool { node > 0 && nodes.base[node].labelLength == 0 }

    /// Adds a node to the front of the list of unused nodes, which are linked by `parent` and back by `childrenMixed`.
    private mutating func link(_ node: Int32) {
        nodes.base[Int(node)].parent = freeNode
        nodes.base[Int(node)].childrenMixed = 0
        if freeNode != 0 { nodes.base[Int(freeNode)].childrenMixed = node }
        freeNode = node
        freeNodeCount += 1
    }

    /// Removes a node from the list of unused nodes.
    private mutating func unlink(_ node: Int32) {
        let next = nodes.base[Int(node)].parent
        let previous = nodes.base[Int(node)].childrenMixed
        if next != 0 { nodes.base[Int(next)].childrenMixed = previous }
        if previous != 0 { nodes.base[Int(previous)].parent = next } else { freeNode = next }
        freeNodeCount -= 1
    }
}
