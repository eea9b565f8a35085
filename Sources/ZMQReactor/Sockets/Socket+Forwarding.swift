import ZMTP

// How messages are moved on from one socket to another: in runs, which are taken over as they are where the type's rule allows it.

extension Socket {
    /// Whether messages can be taken from the socket at any time. REQ and REP are in lock step.
    final var isForwardingSource: Bool { self is any ReceivingSocket && type != .req && type != .rep }

    /// Whether messages can be given to the socket at any time.
    final var isForwardingSink: Bool {
        (self is any SendingSocket || self is any BroadcastingSocket || type == .stream) && type != .req && type != .rep
    }

    /// Sends the run's messages one by one until the socket would block. One that cannot be sent is dropped and counted.
    final func forwardEach(
        _ run: inout Run,
        behind prefix: [UInt8],
        _ send: (Message) throws(ZMQError) -> SendResult
    ) {
        while state == .open {
            let rest = run
            guard var message = run.next() else { return }
            if !prefix.isEmpty { message = prefix.withUnsafeBytes { Message(prefix: $0, frames: 1, message) } }
            do {
                guard try send(message) == .wouldBlock else { continue }
                run = rest
                return
            } catch {
                if state == .open { drop(1, error.code == .hostUnreachable ? .noSuchPeer : .malformed) }
            }
        }
    }
}

extension Pipe {
    /// How many messages may be queued now; where bytes are limited, too, one at a time.
    var room: Int {
        let queued = outbound.count &+ inFlight
        if countLimit > 0 { return max(countLimit - queued, 0) }
        return hasRoom || findsRoom() ? 1 : 0
    }

    /// Queues messages off the front of the run, each behind the frame in `prefix`, as long as there is room.
    func forward(_ run: inout Run, behind prefix: [UInt8]) {
        while !run.isEmpty {
            var room = room
            if room == 0 {
                guard findsRoom() else { return }
                room = self.room
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
