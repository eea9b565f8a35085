// What RADIO sends to, and DISH joins (RFC 48).
//
//   RAD-1  A message goes to the peers that have joined exactly its group.
//   RAD-2  A message has two frames: the group, and the body.
//   RAD-3  JOIN and LEAVE are commands for peers of every version, as in libzmq.
//   RAD-4  A group has at most 255 bytes, none of which is zero.
//
// In this program a group is a topic: its length in one byte, and its bytes. None of two such topics is a prefix of the
// other one, so that everything about topics holds for groups, which match as a whole.

/// The name of a group.
package enum Group {
    /// The most bytes.
    package static let limit = 255

    /// What is wrong with a group, as the end of a sentence; nil if nothing is.
    package static func fault(of group: UnsafeRawBufferPointer) -> String? {
        guard group.count <= limit else { return "has \(group.count) bytes, more than \(limit)" }
        return group.contains(0) ? "contains a zero byte" : nil
    }

    /// Calls `body` with the group as a topic.
    ///
    /// - Precondition: the group has no fault.
    package static func withTopic<R>(_ group: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        withUnsafeTemporaryAllocation(byteCount: 1 + group.count, alignment: 1) { topic in
            topic[0] = UInt8(group.count)
            UnsafeMutableRawBufferPointer(rebasing: topic.dropFirst()).copyMemory(from: group)
            return body(UnsafeRawBufferPointer(topic))
        }
    }
}

extension Subscription {
    /// Appends the command for a group, which is given as a topic.
    package func append(group topic: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        let group = topic.dropFirst()
        Command.append(self == .subscribe ? "JOIN" : "LEAVE", dataSize: group.count, to: &output)
        output += group
    }
}

extension Message {
    /// A message for a group, with a copy of the bytes.
    package init(to group: Frame, copying bytes: UnsafeRawBufferPointer) {
        let head = FrameHeader.size(forBody: group.count) + group.count
        let size = head + FrameHeader.size(forBody: bytes.count) + bytes.count
        let chunk = Chunk(capacity: size)
        let start = FrameHeader.write(flags: FrameHeader.more, bodySize: group.count, to: chunk.base)
        group.copyBytes(to: UnsafeMutableRawBufferPointer(start: chunk.base + start, count: group.count))
        let end = head + FrameHeader.write(bodySize: bytes.count, to: chunk.base + head)
        UnsafeMutableRawBufferPointer(start: chunk.base + end, count: bytes.count).copyMemory(from: bytes)
        self.init(chunk: chunk, start: 0, end: size, frameCount: 2)
    }

    /// Calls `body` with the first frame as the topic of a group; returns nil if it is too long for one.
    ///
    /// In the short form of a frame, the byte in front of the body is its length: nothing is copied.
    package func withGroupTopic<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R? {
        let header = FrameHeader(trusted: chunk.base + start)
        if header.size == FrameHeader.shortSize, header.frameSize <= end - start {
            defer { withExtendedLifetime(chunk) {} }
            return body(UnsafeRawBufferPointer(start: chunk.base + start + 1, count: 1 + header.bodySize))
        }
        return withUnsafeBytes { group in group.count <= Group.limit ? Group.withTopic(group, body) : nil }
    }
}
