extension TopicTree {
    /// The bytes between a node and its parent.
    func label(of node: Int32) -> UnsafeRawBufferPointer {
        let node = nodes.base[Int(node)]
        return UnsafeRawBufferPointer(start: labels.base + node.labelOffset, count: Int(node.labelLength))
    }

    /// Garbage below this is not worth a visit of all nodes.
    private var toleratedGarbage: Int { max(1024, nodes.count) }

    /// Gives up the bytes of a label.
    mutating func dropLabel(at offset: Int, length: Int) {
        if offset + length == labels.count {
            labels.removeLast(length)
        } else {
            garbage += length
        }
    }

    /// Puts the labels of two nodes behind each other, and returns where they start.
    mutating func joinLabels(_ first: TopicNode, _ second: TopicNode) -> Int {
        let (firstLength, secondLength) = (Int(first.labelLength), Int(second.labelLength))
        if first.labelOffset + firstLength == second.labelOffset { return first.labelOffset }
        let offset = labels.count
        labels.append(from: labels.base + first.labelOffset, count: firstLength)
        labels.append(from: labels.base + second.labelOffset, count: secondLength)
        garbage += firstLength + secondLength
        return offset
    }

    /// Copies the labels together when more than half of them are garbage, and gives back unused memory.
    mutating func squeezeLabels() {
        if labels.capacity > labels.count * 4 + 4096 { labels.resize(to: labels.count * 2 + 64) }
        guard garbage > toleratedGarbage, garbage > labels.count / 2 else { return }
        let old = exchange(&labels, with: RawArray())
        labels.resize(to: max(1, old.count - garbage))
        for i in 0..<nodes.count where nodes.base[i].labelLength > 0 {
            let offset = labels.count
            labels.append(from: old.base + nodes.base[i].labelOffset, count: Int(nodes.base[i].labelLength))
            nodes.base[i].labelOffset = offset
        }
        garbage = 0
    }
}

extension UnsafeRawBufferPointer {
    /// How many bytes both start with alike.
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
