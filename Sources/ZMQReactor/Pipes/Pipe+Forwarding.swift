import ZMTP

extension Pipe {
    /// Queues messages off the front of the batch, each behind the frame in `prefix`, as long as there is room.
    func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        while !batch.isEmpty {
            // A prefix is short: it adds no more than the amount by which one message may exceed the mark.
            let size = batch.byteCount + batch.count * prefix.count
            var room = capacity(for: size)
            if room == 0 {
                guard refreshCapacity() else { return }
                room = self.capacity(for: size)
            }
            if prefix.isEmpty {
                outbound.append(moving: batch.takeFirst(room))
            } else {
                prefix.withUnsafeBytes { prefix in
                    while room > 0, let message = batch.next() {
                        outbound.append(prefix: prefix, frames: 1, message)
                        room -= 1
                    }
                }
            }
            outboundGrew()
        }
    }

    /// Queues the first message of the batch, for which there must be room.
    @inline(__always)
    func forwardOne(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        guard let message = batch.next() else { return }
        if prefix.isEmpty {
            outbound.append(message)
        } else {
            prefix.withUnsafeBytes { outbound.append(prefix: $0, frames: 1, message) }
        }
        outboundGrew()
    }
}
