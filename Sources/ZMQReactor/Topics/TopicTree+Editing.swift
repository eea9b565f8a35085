extension TopicTree {
    /// Ensures that `topic` has a node, and returns it. The node of a new topic has no value yet: the caller must give
    /// it one with ``add(value:to:)`` before any other operation on the tree.
    mutating func insert(_ topic: UnsafeRawBufferPointer) -> Int32 {
        assert(hasCapacity(forTopicOf: topic.count))
        if sweepNode >= 0 { sweep() }
        if nodes.isEmpty { _ = newNode(parent: -1, labelOffset: 0, labelLength: 0, firstByte: 0) }
        var node: Int32 = 0
        var rest = topic
        while let byte = rest.first {
            let child = self.child(of: node, byte: byte)
            guard child != 0 else { return addLeaf(to: node, label: rest) }
            let common = label(of: child).commonPrefix(with: rest)
            node = common == label(of: child).count ? child : split(child, at: common)
            rest = UnsafeRawBufferPointer(rebasing: rest[common...])
        }
        return node
    }

    /// Gives a value to a node that has none.
    mutating func add(value: Int32, to node: Int32) {
        assert(value >= 0 && self.value(of: node) < 0)
        nodes.base[Int(node)].value = value
        count += 1
    }

    /// Removes the value of a node that has one, and the nodes that are no longer needed.
    mutating func removeValue(of node: Int32) {
        assert(value(of: node) >= 0)
        nodes.base[Int(node)].value = TopicNode.noValue
        count -= 1
        if count == 0 { return removeAll() }
        guard node != 0 else { return }

        switch nodes.base[Int(node)].childCount {
        case 0:
            let parent = nodes.base[Int(node)].parent
            removeLeaf(node)
            if parent != 0, value(of: parent) < 0, nodes.base[Int(parent)].childCount == 1 { merge(parent) }
        case 1:
            merge(node)
        default:
            return
        }
        squeezeLabels()
    }

    /// Removes all topics, and frees memory beyond what a few topics need.
    mutating func removeAll() {
        // A large amount of memory is freed bit by bit; see `tidy()`.
        nodes.removeAll(keepingUpTo: nodes.capacity > Self.nodesFreedAtOnce ? .max : 8)
        labels.removeAll(keepingUpTo: 64)
        sweepNode = -1
        edges.removeAll()
        garbage = 0
        freeNode = 0
        freeNodeCount = 0
        count = 0
    }

    private func child(of node: Int32, byte: UInt8) -> Int32 {
        edges.count == 0 ? 0 : edges.index.child(of: node, byte: byte, in: nodes.base)
    }

    private mutating func addLeaf(to parent: Int32, label: UnsafeRawBufferPointer) -> Int32 {
        let offset = labels.end
        labels.append(label)
        let leaf = newNode(parent: parent, labelOffset: offset, labelLength: label.count, firstByte: label[0])
        edges.insert(leaf, parent: parent, byte: label[0])
        nodes.base[Int(parent)].childCount += 1
        nodes.base[Int(parent)].childrenMixed ^= leaf
        return leaf
    }

    private mutating func removeLeaf(_ leaf: Int32) {
        let old = nodes.base[Int(leaf)]
        edges.remove(leaf, parent: old.parent, byte: old.firstByte)
        nodes.base[Int(old.parent)].childCount -= 1
        nodes.base[Int(old.parent)].childrenMixed ^= leaf
        dropLabel(at: old.labelOffset, length: Int(old.labelLength))
        dropNode(leaf)
    }

    /// Inserts a node above `lower` that takes over the first `length` bytes of its label, and returns it.
    private mutating func split(_ lower: Int32, at length: Int) -> Int32 {
        let old = nodes.base[Int(lower)]
        let upper = newNode(
            parent: old.parent,
            labelOffset: old.labelOffset,
            labelLength: length,
            firstByte: old.firstByte
        )
        edges.replace(lower, with: upper, parent: old.parent, byte: old.firstByte)
        nodes.base[Int(old.parent)].childrenMixed ^= lower ^ upper
        nodes.base[Int(upper)].childCount = 1
        nodes.base[Int(upper)].childrenMixed = lower

        // The sweep may have passed the number of the new node.
        if Int(upper) < sweepNode { moveLabel(of: Int(upper)) }
        let byte = labels.base[old.labelOffset + length]
        nodes.base[Int(lower)].labelOffset += length
        nodes.base[Int(lower)].labelLength -= UInt32(length)
        nodes.base[Int(lower)].firstByte = byte
        nodes.base[Int(lower)].parent = upper
        edges.insert(lower, parent: upper, byte: byte)
        return upper
    }

    /// Removes a node without value between its parent and its only child, whose label becomes both labels.
    private mutating func merge(_ upper: Int32) {
        let old = nodes.base[Int(upper)]
        let lower = old.childrenMixed
        let rest = nodes.base[Int(lower)]
        edges.remove(lower, parent: upper, byte: rest.firstByte)
        edges.replace(upper, with: lower, parent: old.parent, byte: old.firstByte)
        nodes.base[Int(old.parent)].childrenMixed ^= upper ^ lower

        nodes.base[Int(lower)].parent = old.parent
        nodes.base[Int(lower)].firstByte = old.firstByte
        nodes.base[Int(lower)].labelLength += old.labelLength
        nodes.base[Int(lower)].labelOffset = joinLabels(old, rest)
        dropNode(upper)
    }
}
