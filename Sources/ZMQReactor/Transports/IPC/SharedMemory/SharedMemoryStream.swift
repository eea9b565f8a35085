import CSockets
import EventReactor
import Glibc
import ZMTP

/// The bytes of an ipc connection, which move from the socket to shared memory when both ends can do that.
///
///     handshake ──▶ (the descriptor itself)               the peer cannot
///         │
///         ▼
///     negotiating ──▶ ring
///         │
///         ▼
///       socket                                            one of the two ends has declined
///
/// The handshake says in a property that an end can share memory. If both can, the connecting side sends a
/// ``SharingRecord`` behind its last byte of the handshake, with the memory file; the accepting side maps that, and
/// answers behind its own last byte. Up to there all bytes of the protocol go through the socket, and what follows goes
/// through the rings, so nothing can be lost or overtaken. Meanwhile nothing is written: for the connection that is a
/// socket without room.
///
/// From then on the socket carries one byte whenever the other end sleeps and has to be woken; and its end is the end of
/// the connection, behind what is left in the ring. The bytes are sent by send(2) without waiting. An eventfd(2) in
/// their place could be made to block by the peer, which shares its flags and its counter.
///
/// Rules:
/// * No byte of a record reaches the protocol: the handshake is read frame by frame, see ``HandshakeBoundary``.
/// * Whatever the peer has in the memory leads at most to the end of this connection, see ``RingReader``.
/// * A peer that has agreed and then says nothing is one that does not read: marks, timeouts and heartbeats apply.
/// * Every callback may close the stream.
final class SharedMemoryStream: ByteStreamSubstitute {
    enum Phase {
        case handshake(HandshakeBoundary)
        case negotiating
        case socket
        case ring
    }

    let descriptor: CInt
    let reactor: Reactor
    let isConnecting: Bool
    var phase = Phase.handshake(HandshakeBoundary())
    var watcher: FileDescriptorWatcher?
    weak var handler: (any ByteStreamHandler)?
    /// What the connection waits for.
    var wanted: Readiness = []

    /// Why the connection has to end; 0 as long as it need not.
    var failure: CInt = 0
    /// Whether the peer sends no more bytes through the socket: what is left is in the ring.
    var isAtEnd = false

    let negotiation = SharingNegotiation()

    // Changed in place by each read and write; calls nothing unknown meanwhile.
    @exclusivity(unchecked) var reader: RingReader?
    @exclusivity(unchecked) var writer: RingWriter?
    /// Bytes written for which the peer has not been woken.
    @exclusivity(unchecked) var unannounced = 0
    /// Bytes that have been read from and written to the rings.
    @exclusivity(unchecked) var moved = 0
    /// What the two refer to.
    var memory: RingMemory?
    /// Whether the poller looks at the rings in each turn.
    var isAwake = false

    /// The descriptor belongs to the stream, which closes it.
    init(_ descriptor: CInt, isConnecting: Bool, on reactor: Reactor) {
        (self.descriptor, self.isConnecting, self.reactor) = (descriptor, isConnecting, reactor)
    }

    // MARK: Reading and writing

    static func failing(_ number: CInt) -> Int {
        errno = number
        return -1
    }

    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        guard failure == 0 else { return Self.failing(failure) }
        switch phase {
        case .ring: return readRing(into: room)
        case .socket: return csockets_read(descriptor, room.baseAddress, room.count)
        case .negotiating: return Self.failing(EAGAIN)
        case .handshake(var boundary):
            let count = csockets_read(descriptor, room.baseAddress, min(room.count, boundary.limit))
            if count > 0 { boundary.didRead(UnsafeRawBufferPointer(rebasing: room[..<count])) }
            let number = errno
            phase = .handshake(boundary)
            errno = number
            return count
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Int { write(bytes, moreFollows: false) }

    func write(_ bytes: UnsafeRawBufferPointer, moreFollows: Bool) -> Int {
        guard failure == 0 else { return Self.failing(failure) }
        switch phase {
        case .ring: return writeRing(bytes, moreFollows: moreFollows)
        case .negotiating: return writeBeforeRecords(bytes)
        case .handshake, .socket: return send(bytes)
        }
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        csockets_send_bytes(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
    }

    func shutdown(_ direction: CInt) { _ = Glibc.shutdown(descriptor, direction) }

    func close() {
        watcher?.cancel()
        watcher = nil
        handler = nil
        wanted = []
        negotiation.end()
        forgetRings()
        Glibc.close(descriptor)
    }

    // MARK: Readiness

    func watch(for interest: Readiness, handler: any ByteStreamHandler) {
        self.handler = handler
        wanted = interest
        watcher = reactor.watchOpen(descriptor, for: interest, handler: handler)
    }

    var interest: Readiness {
        get { wanted }
        set {
            guard newValue != wanted else { return }
            wanted = newValue
            switch phase {
            case .handshake, .socket: watcher?.interest = newValue
            case .negotiating: watchNegotiation()
            case .ring: ringInterestChanged()
            }
        }
    }

    func setLowWater(_ count: Int) {
        // In the ring a single byte on the socket counts.
        if case .socket = phase { StreamDescriptor.set(SOL_SOCKET, SO_RCVLOWAT, count, on: descriptor) }
    }

    /// Goes on with the socket alone.
    func useSocket() {
        phase = .socket
        negotiation.end()
        forgetRings()
        watcher?.cancel()
        guard let handler else { return }
        watcher = reactor.watchOpen(descriptor, for: wanted, handler: handler)
    }

    // MARK: What is known

    var peerName: String { ByteStream.nameOfLocalPeer(descriptor) }

    /// What has been taken stays readable, as with a Unix domain socket.
    var unacknowledged: Int { 0 }

    var hasUnreadBytes: Bool {
        if case .ring = phase { return reader?.hasBytes ?? false }
        var count: CInt = 0
        return ioctl(descriptor, UInt(FIONREAD), &count) == 0 && count > 0
    }
}

extension SharedMemoryStream: OwnedHandler {
    var handlerOwner: (any HandlerOwner)? { (handler as? any OwnedHandler)?.handlerOwner }
}

extension SharedMemoryStream: FileDescriptorHandler {
    /// The socket is ready, in a phase in which it does not carry the protocol's bytes.
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        switch phase {
        case .negotiating: negotiationIsReady(for: ready)
        case .ring: wasWoken()
        case .handshake, .socket: break
        }
    }
}
