import ZMTP

extension TopicTree {
    /// The bytes between a node and its parent.
    func label(of node: Int32) -> UnsafeRawBufferPointer {
        let node = nodes.base[Int(node)]
        return UnsafeRawBufferPointer(start: labels.base + node.labelOffset, count: Int(node.labelLength))
    }

    /// Less garbage than this is not worth visiting all nodes.
    private var toleratedGarbage: Int { max(1024, nodes.count) }

    /// Releases the bytes of a label.
    mutating func dropLabel(at offset: Int, length: Int) {
        if offset + length == labels.end {
            labels.removeLast(length)
            sweepEnd = min(sweepEnd, labels.end)
        } else {
            garbage += length
        }
    }

    /// Concatenates the labels of two nodes, and returns the offset.
    mutating func joinLabels(_ first: TopicNode, _ second: TopicNode) -> Int {
        let (firstLength, secondLength) = (Int(first.labelLength), Int(second.labelLength))
        let isSplitBySweep = sweepNode >= 0 && second.labelOffset == sweepEnd
        if first.labelOffset + firstLength == second.labelOffset, !isSplitBySweep { return first.labelOffset }
        let offset = labels.append(copying: first.labelOffset, count: firstLength)
        _ = labels.append(copying: second.labelOffset, count: secondLength)
        garbage += firstLength + secondLength
        return offset
    }

    /// Removes garbage when it is more than half of the labels, and frees unused memory.
    ///
    /// A sweep visits the nodes and moves their labels behind the last one; in the end, everything in front of that is
    /// freed. A large tree is swept a few nodes with each change, a small one at once.
    mutating func squeezeLabels() {
        if sweepNode >= 0 { return sweep() }
        labels.giveBackUnused()
        guard garbage > toleratedGarbage, garbage > labels.count / 2 else { return }
        (sweepNode, sweepEnd) = (0, labels.end)
        sweep()
        guard nodes.count <= 1024, labels.count <= 65_536 else { return }
        for _ in 0..<1 + nodes.count where sweepNode >= 0 { sweep() }
    }

    /// About how many nodes a change sweeps, and how many bytes of labels it moves.
    private static let sweptAtOnce = (nodes: 16, bytes: 65_536)

    @inline(never)
    mutating func sweep() {
        let endOfStep = labels.end + Self.sweptAtOnce.bytes
        var left = Self.sweptAtOnce.nodes
        while left > 0, sweepNode < nodes.count, labels.end < endOfStep {
            // Without memory, the garbage stays until another sweep.
            let growth = labels.growth(for: Int(nodes.base[sweepNode].labelLength))
            guard growth == 0 || Memory.isAvailable(growth) else { return sweepNode = -1 }
            #if DEBUG
                work += 1
            #endif
            moveLabel(of: sweepNode)
            sweepNode += 1
            left -= 1
        }
        guard sweepNode >= nodes.count else { return }
        garbage -= sweepEnd - labels.start
        labels.removeFirst(upTo: sweepEnd)
        sweepNode = -1
    }

    /// Moves the label of a node behind all others, if the sweep still has to move it.
    mutating func moveLabel(of node: Int) {
        let (offset, length) = (nodes.base[node].labelOffset, Int(nodes.base[node].labelLength))
        guard length > 0, offset < sweepEnd else { return }
        #if DEBUG
            work += length / 64
        #endif
        nodes.base[node].labelOffset = labels.append(copying: offset, count: length)
        garbage += length
    }
}

extension UnsafeRawBufferPointer {
    /// The length of the common prefix.
    func commonPrefix(with other: UnsafeRawBufferPointer) -> Int {
        let count = Swift.min(count, other.count)
        guard count > 0, let mine = baseAddress, let theirs = other.baseAddress else { return 0 }
        var i = 0
        while i &+ 8 <= count {
            let word = UInt64(littleEndian: mine.loadUnaligned(fromByteOffset: i, as: UInt64.self))
            let other = UInt64(littleEndian: theirs.loadUnaligned(fromByteOffset: i, as: UInt64.self))
            if word != other { return i &+ (word ^ other).trailingZeroBitCount / 8 }
            i &+= 8
        }
        while i < count, mine.load(fromByteOffset: i, as: UInt8.self) == theirs.load(fromByteOffset: i, as: UInt8.self)
        {
            i &+= 1
        }
        return i
    }
}
