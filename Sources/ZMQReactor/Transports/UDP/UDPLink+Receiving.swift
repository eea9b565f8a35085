import CSockets
import Glibc
import ZMTP

extension UDPLink {
    /// The batches, and about the datagrams, that are received in one turn.
    private static let turnBudget = (batches: 4, datagrams: 512)

    func receive() {
        var (batches, datagrams) = (0, 0)
        while !isEnded, batches < Self.turnBudget.batches, datagrams < Self.turnBudget.datagrams {
            var room = pipe.inboundCapacity(for: 0)
            guard room > 0 else { return isHeldBack = true }
            if route.mergesReceived { room = max(room / UDPBuffers.merged, 1) }
            let wanted = min(room, UDPBuffers.batch)
            let (pieces, found) = take(wanted)
            for batch in writer.takeBatches() where !isEnded { pipe.receive(batch) }
            guard pieces == wanted else { return }
            batches += 1
            datagrams += found
        }
    }

    /// Receives datagrams and writes what they hold as messages; returns how many pieces and datagrams there were.
    private func take(_ limit: Int) -> (pieces: Int, datagrams: Int) {
        let known = losses
        let count = buffers.receive(on: descriptor.descriptor, atMost: limit, &losses)
        guard count > 0 else {
            if count < 0, errno != EAGAIN, errno != EINTR { failure = .system(errno) }
            return (0, 0)
        }
        if losses != known { noteLosses(Int(losses &- known)) }
        var (datagrams, size, unwanted) = (0, 0, 0)
        for number in 0..<count {
            size += buffers.incoming[number].size
            buffers.incoming[number].forEachDatagram {
                datagrams += 1
                if route.use == .exchanges { write($0, number) } else if !writeIfWanted($0, number) { unwanted += 1 }
            }
        }
        bytesReceived += size
        observer.record(.bytesReceived(size))
        if unwanted > 0 {
            observer.record(.received(unwanted))
            observer.record(.dropped(unwanted, .notSubscribed))
        }
        return (count, datagrams)
    }

    /// Writes the message of a datagram for a group; returns false if that has not been joined.
    private func writeIfWanted(_ datagram: UnsafeRawBufferPointer, _ number: Int) -> Bool {
        do throws(ProtocolError) {
            let content = try GroupDatagram(datagram)
            guard groups.matches(content.topic) else { return false }
            write(head: content.group, body: content.body, number)
        } catch {
            drop(number, .malformed, EventReason(error))
        }
        return true
    }

    /// Writes the message of a datagram, with the address it comes from in front.
    private func write(_ datagram: UnsafeRawBufferPointer, _ number: Int) {
        withUnsafeTemporaryAllocation(byteCount: DatagramEnd.textLimit, alignment: 1) { text in
            let size = buffers.incoming[number].withEnd { DatagramEnd.write($0, to: text) }
            write(head: UnsafeRawBufferPointer(rebasing: text[..<size]), body: datagram, number)
        }
    }

    private func write(head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, _ number: Int) {
        let (size, limit) = (head.count + body.count, route.options.options.maxMessageSize)
        guard size <= limit else {
            observer.record(.limit(.messageSize))
            let reason = "a message of \(size) bytes exceeds the limit of \(limit)"
            return drop(number, .tooLarge, .limitExceeded(.messageSize, reason))
        }
        if !writer.append(head: head, body: body) { drop(number, .noMemory, .noMemory(for: "a datagram")) }
    }

    private func drop(_ number: Int, _ reason: DropReason, _ explanation: @autoclosure () -> EventReason) {
        observer.record(.dropped(1, reason))
        note(explanation(), of: PeerDescription(buffers.incoming[number].source))
    }

    private func noteLosses(_ count: Int) {
        observer.record(.dropped(count, .lost))
        note(
            EventReason(.packetsLost, "the system's buffer had no room for \(count) datagrams"),
            of: peerDescription
        )
    }

    /// Receives what has been sent to a RADIO, so that it does not stay there.
    func discardInput() {
        var dropped = 0
        for _ in 0..<Self.turnBudget.batches {
            let count = buffers.receive(on: descriptor.descriptor, atMost: UDPBuffers.batch, &losses)
            guard count > 0 else { break }
            dropped += count
        }
        if dropped > 0 { observer.record(.dropped(dropped, .unexpected)) }
    }
}
