import ZMTP

extension Pipe {
    /// Queues messages off the front of the run, each behind the frame in `prefix`, as long as there is room.
    func forward(_ run: inout Run, behind prefix: [UInt8]) {
        while !run.isEmpty {
            // A prefix is short: it adds no more than the amount by which one message may exceed the mark.
            let size = run.byteCount + run.count * prefix.count
            var room = room(for: size)
            if room == 0 {
                guard findsRoom() else { return }
                room = self.room(for: size)
            }
            if prefix.isEmpty {
                outbound.append(moving: run.takeFirst(room))
            } else {
                prefix.withUnsafeBytes { prefix in
                    while room > 0, let message = run.next() {
                        outbound.append(prefix: prefix, frames: 1, message)
                        room -= 1
                    }
                }
            }
            outboundGrew()
        }
    }

    /// Queues the first message of the run, for which there must be room.
    @inline(__always)
    func forwardOne(_ run: inout Run, behind prefix: [UInt8]) {
        guard let message = run.next() else { return }
        if prefix.isEmpty {
            outbound.append(message)
        } else {
            prefix.withUnsafeBytes { outbound.append(prefix: $0, frames: 1, message) }
        }
        outboundGrew()
    }
}
