import ZMTP

// Types whose messages have one frame, beside the one that names a peer or a group (TS-1 to TS-3).

extension Socket {
    /// Sends messages off the front of the batch, in their batch where none of them has several frames. Such messages
    /// are dropped and counted.
    final func forwardSingleFrames(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        guard prefix.isEmpty else { return drop(batch.takeFirst(batch.count).count, .malformed) }
        while !batch.isEmpty {
            let count = batch.leadingSingleFrames
            if count > 0 {
                var (part, rest) = (batch, batch)
                part = part.takeFirst(count)
                _ = rest.takeFirst(count)
                pattern?.forward(&part, behind: [], at: self)
                guard part.isEmpty else {
                    _ = batch.takeFirst(count - part.count)
                    return
                }
                batch = rest
            } else {
                _ = batch.takeFirst(1)
                drop(1, .malformed)
            }
        }
    }
}

extension MessageBatch {
    /// How many messages at the front have one frame.
    fileprivate var leadingSingleFrames: Int {
        var (rest, count) = (self, 0)
        while let message = rest.next(), message.frameCount == 1 { count += 1 }
        return count
    }
}
