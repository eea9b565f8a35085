import CSockets
import Glibc
import ZMTP

/// What a datagram of udp can hold.
enum UDPDatagram {
    /// The most bytes that it carries over IPv4: 65,535 with the headers.
    static let largest = 65_507
}

extension UDPLink {
    /// The batches that are sent at once, before others have their turn.
    private static let sendBudget = 16
    /// How long to wait when the system has no buffer for a datagram.
    private static let pause: Int64 = 1_000_000

    /// Sends what may be sent. The caller may be walking the pipes of the socket: nothing ends here.
    func flush() {
        pipe.linkFlushes()
        var budget = Self.sendBudget
        while failure == nil, !isBlocked, budget > 0, !pipe.outbound.isEmpty {
            sendBatch()
            budget -= 1
        }
        if budget == 0 { wake(at: reactor.nanoseconds) }
    }

    private func sendBatch() {
        let (count, excess) = collect()
        guard count > 0 else {
            guard let excess else { return }
            pipe.discard(excess.queued, .tooLarge)
            let reason = "a message of \(excess.size) bytes does not fit in a datagram"
            return note(.limitExceeded(.messageSize, reason), of: peerDescription)
        }
        let (datagrams, family) = (buffers.outgoing.baseAddress, CInt(isIPv6 ? 1 : 0))
        let sent = Int(csockets_send_to(descriptor.descriptor, datagrams, UInt32(count), family, &mergesSent))
        guard sent > 0 else { return notSent(because: errno) }
        var (size, queued) = (0, 0)
        for number in 0..<sent {
            size += buffers.outgoing[number].head_size + buffers.outgoing[number].body_size
            queued += buffers.queued[number]
        }
        bytesSent += size
        observer.record(.bytesSent(size))
        pipe.release(queued)
    }

    /// Finds the datagrams for the first messages of the queue, which stay there; returns how many. A message that does
    /// not fit in one ends them.
    private func collect() -> (count: Int, excess: (size: Int, queued: Int)?) {
        var (count, excess) = (0, nil as (size: Int, queued: Int)?)
        var reader = TwoFrameReader()
        let isForGroups = route.use == .sendsToGroups
        let (outgoing, queued) = (buffers.outgoing, buffers.queued)
        pipe.outbound.forEachPiece { piece in
            reader.read(piece) { head, body, size in
                let total = isForGroups ? 1 + head.count + body.count : body.count
                guard total <= UDPDatagram.largest, let start = head.baseAddress else {
                    excess = (total, size)
                    return false
                }
                var datagram = csockets_outgoing()
                if isForGroups {
                    // The size of the group is the byte in front of it (UDP-1).
                    (datagram.head, datagram.head_size) = (start - 1, 1 + head.count)
                } else {
                    (datagram.end, datagram.end_size) = (start, head.count)
                }
                (datagram.body, datagram.body_size) = (body.baseAddress, body.count)
                outgoing[count] = datagram
                queued[count] = size
                count += 1
                return count < UDPBuffers.batch
            }
        }
        return (count, excess)
    }

    /// The first datagram of a batch has not been sent.
    private func notSent(because number: CInt) {
        switch number {
        // A host has answered that nothing is there, to what was sent before: the next call sends.
        case EINTR, ECONNREFUSED: break
        case EAGAIN: isBlocked = true
        case ENOBUFS, ENOMEM:
            isBlocked = true
            wake(at: reactor.nanoseconds + Self.pause)
        case EMSGSIZE: discardFirst(.tooLarge, number)
        // It cannot be sent to its address; another one can.
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, EACCES, EPERM:
            discardFirst(.noSuchPeer, number)
        default: failure = .system(number)
        }
    }

    private func discardFirst(_ reason: DropReason, _ number: CInt) {
        let datagram = buffers.outgoing[0]
        let end = datagram.end.map { UnsafeRawBufferPointer(start: $0, count: datagram.end_size) }
        note(.system(number), of: end.map { PeerDescription(DatagramEnd.text($0)) } ?? peerDescription)
        pipe.discard(buffers.queued[0], reason)
    }
}
