import CSockets
import EventReactor
import Glibc
import ZMTP

/// The records of one connection that are on their way.
final class SharingNegotiation {
    /// Bytes of the handshake that have not left: they go ahead of every record.
    var unsent = 0
    /// The rest of the record that is being sent, and the descriptor that goes with it; -1 for none.
    var outgoing: [UInt8] = []
    var outgoingDescriptor: CInt = -1
    /// What has arrived of the peer's record, and the descriptor with it; -1 for none.
    var incoming: [UInt8] = []
    var incomingDescriptor: CInt = -1
    /// Whether the record of this side has been made.
    var hasSpoken = false
    /// Whether both sides share the memory, once that is known.
    var isAgreed: Bool?

    /// Gives back what is left over.
    func end() {
        for descriptor in [outgoingDescriptor, incomingDescriptor] where descriptor >= 0 { close(descriptor) }
        (outgoing, outgoingDescriptor, incoming, incomingDescriptor) = ([], -1, [], -1)
    }
}

extension SharedMemoryStream {
    /// The property with which a side says that it can share memory, and its value.
    static let property = "Shared-Memory"
    static let propertyValue = Array("zmq-reactor/1".utf8)

    /// The capacity of each ring: several reads, so that both sides copy at the same time, and little enough for a
    /// processor's cache.
    static let capacity = 512 * 1024

    func handshakeCompleted(with peer: Peer, unsent: Int) -> (descriptor: CInt, watcher: FileDescriptorWatcher?)? {
        guard case .handshake(let boundary) = phase, boundary.isAtBoundary,
            peer.metadata[Self.property] == Self.propertyValue
        else {
            // It is an ordinary socket from now on.
            defer { watcher = nil }
            return (descriptor, watcher)
        }
        phase = .negotiating
        negotiation.unsent = unsent
        watcher?.cancel()
        watcher = reactor.watchOpen(descriptor, for: [], handler: self)
        speakFirst()
        if case .negotiating = phase { watchNegotiation() }
        return nil
    }

    // MARK: Writing

    /// Writes what belongs to the handshake; the rest waits for the result.
    func writeBeforeRecords(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard negotiation.unsent > 0 else { return Self.failing(EAGAIN) }
        let sent = send(UnsafeRawBufferPointer(rebasing: bytes.prefix(negotiation.unsent)))
        guard sent > 0 else {
            let number = errno
            // The peer is gone, and no record follows: what there is to read is the end.
            if sent < 0, number != EAGAIN, number != EINTR { useSocket() }
            return sent < 0 ? Self.failing(number) : sent
        }
        negotiation.unsent -= sent
        speakFirst()
        if case .negotiating = phase { watchNegotiation() }
        return sent
    }

    /// The connecting side speaks when its handshake has left.
    private func speakFirst() {
        guard isConnecting, !negotiation.hasSpoken, negotiation.unsent == 0 else { return }
        speak(offer())
        sendRecord()
    }

    private func speak(_ record: SharingRecord) {
        negotiation.hasSpoken = true
        negotiation.outgoing = record.bytes
        switch record {
        case .offer: break
        case .declined, .refused: negotiation.isAgreed = false
        case .accepted: negotiation.isAgreed = true
        }
    }

    /// Makes the memory, if there can be any.
    private func offer() -> SharingRecord {
        let poller = RingPoller.on(reactor)
        guard mayShare, poller.hasRoom else { return .declined }
        let file = RingMemory.make(capacity: Self.capacity)
        guard file >= 0 else { return .declined }
        guard let memory = RingMemory(mapping: file, capacity: Self.capacity) else {
            Glibc.close(file)
            return .declined
        }
        self.memory = memory
        poller.ringCount += 1
        negotiation.outgoingDescriptor = file
        return .offer(capacity: Self.capacity)
    }

    /// Whether the peer belongs to the same user: no other one is trusted with memory that does not end.
    private var mayShare: Bool {
        var peer = csockets_credentials()
        return !RingMemory.isRationed && csockets_peer_credentials(descriptor, &peer) == 0 && peer.user == geteuid()
    }

    /// Sends what is left of the record, and goes on with what has been agreed when all has left.
    private func sendRecord() {
        while !negotiation.outgoing.isEmpty {
            let file = negotiation.outgoingDescriptor
            let sent = negotiation.outgoing.withUnsafeBytes {
                csockets_send_descriptor(descriptor, $0.baseAddress, $0.count, file)
            }
            guard sent > 0 else {
                if sent < 0, errno == EINTR { continue }
                if sent < 0, errno == EAGAIN { return }
                if sent < 0, file >= 0, errno == ETOOMANYREFS || errno == EBADF || errno == EPERM {
                    // There are too many descriptors under way.
                    forgetOffer()
                    continue
                }
                // The end of the connection, which reading finds.
                return useSocket()
            }
            if file >= 0 { Glibc.close(file) }
            negotiation.outgoingDescriptor = -1
            negotiation.outgoing.removeFirst(sent)
        }
        guard let isAgreed = negotiation.isAgreed else { return }
        if isAgreed { useRings() } else { useSocket() }
    }

    private func forgetOffer() {
        Glibc.close(negotiation.outgoingDescriptor)
        negotiation.outgoingDescriptor = -1
        forgetRings()
        speak(.declined)
    }

    // MARK: Reading

    /// What the socket is watched for: records, and room for what is to be sent.
    func watchNegotiation() {
        var needed: Readiness = []
        if negotiation.unsent == 0 {
            needed = negotiation.outgoing.isEmpty ? .readable : .writable
        } else if wanted.contains(.writable) {
            needed = .writable
        }
        watcher?.interest = needed
    }

    func negotiationIsReady(for ready: Readiness) {
        if negotiation.unsent > 0 {
            if ready.contains(.writable), wanted.contains(.writable) { handler?.streamIsReady(for: .writable) }
            return
        }
        if negotiation.outgoing.isEmpty { receiveRecord() } else { sendRecord() }
        if case .negotiating = phase { watchNegotiation() }
    }

    private func receiveRecord() {
        var bytes = [UInt8](repeating: 0, count: SharingRecord.size - negotiation.incoming.count)
        var file: CInt = -1
        let count = bytes.withUnsafeMutableBytes {
            csockets_receive_descriptor(descriptor, $0.baseAddress, $0.count, &file)
        }
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            // The end of the connection, which reading finds, too.
            return useSocket()
        }
        if file >= 0 {
            // A second one replaces the first: the peer is not one of ours.
            if negotiation.incomingDescriptor >= 0 { Glibc.close(negotiation.incomingDescriptor) }
            negotiation.incomingDescriptor = file
        }
        negotiation.incoming += bytes[..<count]
        guard negotiation.incoming.count == SharingRecord.size else { return }
        let record = SharingRecord(negotiation.incoming)
        negotiation.incoming = []
        handle(record)
    }

    private func handle(_ record: SharingRecord?) {
        guard let record else { return fail() }
        switch (record, isConnecting) {
        case (.accepted, true): useRings()
        case (.refused, true), (.declined, false): useSocket()
        case (.offer(let capacity), false):
            speak(accepts(capacity) ? .accepted : .refused)
            sendRecord()
        default: fail()
        }
    }

    /// Maps the peer's memory, if it is safe. Returns whether it is.
    private func accepts(_ capacity: Int) -> Bool {
        let file = negotiation.incomingDescriptor
        let poller = RingPoller.on(reactor)
        guard file >= 0, mayShare, poller.hasRoom, let memory = RingMemory(mapping: file, capacity: capacity) else {
            return false
        }
        self.memory = memory
        poller.ringCount += 1
        return true
    }

    /// The peer has sent something that is no record of its side.
    private func fail() {
        useSocket()
        failure = EPROTO
        // So that reading is what comes next.
        shutdown(CInt(SHUT_RDWR))
    }
}
