extension TopicTree {
    /// Takes an unused node, or a new one. It has no value and no children, and no edge leads to it yet.
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

    /// Puts a node back among the unused ones, and gives back what is unused behind the last one in use.
    mutating func dropNode(_ node: Int32) {
        nodes.base[Int(node)].labelLength = 0
        nodes.base[Int(node)].value = TopicNode.noValue
        link(node)
        while nodes.count > 1, isUnused(nodes.count - 1) {
            unlink(Int32(nodes.count - 1))
            nodes.removeLast(1)
        }
        if nodes.capacity > nodes.count * 4 + 64 { nodes.resize(to: nodes.count * 2) }
    }

    /// Only the root and unused nodes have no label.
    private func isUnused(_ node: Int) -> Bool { node > 0 && nodes.base[node].labelLength == 0 }

    /// Puts a node in front of the list of unused nodes, which are linked by `parent` and back by `childrenMixed`.
    private mutating func link(_ node: Int32) {
        nodes.base[Int(node)].parent = freeNode
        nodes.base[Int(node)].childrenMixed = 0
        if freeNode != 0 { nodes.base[Int(freeNode)].childrenMixed = node }
        freeNode = node
        freeNodeCount += 1
    }

    /// Takes a node from the list of unused nodes.
    private mutating func unlink(_ node: Int32) {
        let next = nodes.base[Int(node)].parent
        let previous = nodes.base[Int(node)].childrenMixed
        if next != 0 { nodes.base[Int(next)].childrenMixed = previous }
        if previous != 0 { nodes.base[Int(previous)].parent = next } else { freeNode = next }
        freeNodeCount -= 1
    }
}
