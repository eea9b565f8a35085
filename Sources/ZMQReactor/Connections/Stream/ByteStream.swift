import CSockets
package import EventReactor
import Glibc
package import ZMTP

/// Where the bytes of a connection come from and go to: a descriptor of the operating system, or what stands in the
/// place of one.
///
/// Reading and writing return what the system's calls do: a count, or -1 with `errno` set. A descriptor is called
/// directly: nothing that a message passes through goes by way of an existential. It is one value, never copied, so
/// that using it counts no references.
struct ByteStream: ~Copyable {
    /// What a descriptor leads to.
    enum Family {
        /// A peer by way of the network, see tcp(7).
        case internet
        /// Another process of this machine, see unix(7).
        case local
    }

    /// -1 where something stands in its place.
    private(set) var descriptor: CInt
    private let family: Family
    private var substitute: (any ByteStreamSubstitute)?
    private var watcher: FileDescriptorWatcher?

    /// A connected stream socket that does not block. It belongs to the stream, which closes it.
    init(_ descriptor: CInt, _ family: Family) {
        (self.descriptor, self.family) = (descriptor, family)
        substitute = nil
    }

    init(_ substitute: any ByteStreamSubstitute) {
        (descriptor, family) = (-1, .local)
        self.substitute = substitute
    }

    // MARK: Reading and writing

    /// As read(2): 0 at the end of what the peer sends.
    @inline(__always)
    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        guard descriptor >= 0 else { return substitute?.read(into: room) ?? 0 }
        return csockets_read(descriptor, room.baseAddress, room.count)
    }

    /// As send(2). Never raises SIGPIPE.
    @inline(__always)
    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard descriptor >= 0 else { return substitute?.write(bytes) ?? 0 }
        return csockets_send_bytes(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
    }

    /// As sendmsg(2). Never raises SIGPIPE.
    @inline(__always)
    func write(_ list: GatherList) -> Int {
        guard descriptor >= 0 else { return list.write { substitute?.write($0, moreFollows: $1) ?? 0 } }
        return list.send(to: descriptor)
    }

    /// Ends one direction or both, see shutdown(2).
    func shutdown(_ direction: Int) {
        if let substitute { return substitute.shutdown(CInt(direction)) }
        _ = Glibc.shutdown(descriptor, CInt(direction))
    }

    /// Ends the watch, and gives the descriptor back. The stream is of no use any more.
    mutating func close() {
        watcher?.cancel()
        watcher = nil
        if let substitute { return substitute.close() }
        Glibc.close(descriptor)
    }

    /// The same, with a reason, which is sent to the peer where the stream has a form for that.
    mutating func close(because reason: EventReason) {
        substitute?.prepareToClose(because: reason)
        close()
    }

    /// The handshake with the peer is complete, and so many bytes of it have not been written. What stands in the place
    /// of a descriptor may leave the rest to the descriptor from now on.
    mutating func handshakeCompleted(with peer: Peer, unsent: Int) {
        guard let plain = substitute?.handshakeCompleted(with: peer, unsent: unsent) else { return }
        (descriptor, watcher, substitute) = (plain.descriptor, plain.watcher, nil)
    }

    // MARK: Readiness

    /// Has the handler called whenever the stream is ready for what it is watched for.
    mutating func watch(for interest: Readiness, on reactor: Reactor, handler: any ByteStreamHandler) {
        if let substitute { return substitute.watch(for: interest, handler: handler) }
        watcher = reactor.watchOpen(descriptor, for: interest, handler: handler)
    }

    /// What the stream is watched for.
    var interest: Readiness {
        get { watcher?.interest ?? substitute?.interest ?? [] }
        nonmutating set {
            if let watcher { watcher.interest = newValue } else { substitute?.interest = newValue }
        }
    }

    // `interest` is not changed in place: Swift 6.3 does not compile that for the thread sanitizer ("Invalid bitcast").

    /// Adds to what the stream is watched for.
    func startWatching(for readiness: Readiness) { interest = interest.union(readiness) }

    /// Removes from what the stream is watched for.
    func stopWatching(for readiness: Readiness) { interest = interest.subtracting(readiness) }

    /// The bytes that must have arrived before the stream is ready for reading, see SO_RCVLOWAT in socket(7).
    func setLowWater(_ count: Int) {
        guard descriptor >= 0 else { return substitute?.setLowWater(count) ?? () }
        StreamDescriptor.set(SOL_SOCKET, SO_RCVLOWAT, count, on: descriptor)
    }

    // MARK: What is known

    /// The peer, for people to read.
    var peerName: String {
        if let substitute { return substitute.peerName }
        switch family {
        case .internet: return SocketAddress(remoteEndOf: descriptor)?.text ?? "unknown"
        case .local: return Self.nameOfLocalPeer(descriptor)
        }
    }

    /// The peer of a Unix domain socket, for people to read.
    static func nameOfLocalPeer(_ descriptor: CInt) -> String {
        var peer = csockets_credentials()
        guard csockets_peer_credentials(descriptor, &peer) == 0 else { return "unknown" }
        return "pid \(peer.process) uid \(peer.user)"
    }

    /// Where the peer is, for an authenticator: the address without the port. nil once the peer has reset the
    /// connection, of which there may still be something to read.
    var peerHost: String? {
        if let substitute { return substitute.peerHost }
        guard family == .internet else { return peerName }
        guard let host = SocketAddress(remoteEndOf: descriptor)?.host else { return nil }
        return String(host.drop { $0 == "[" }.prefix { $0 != "]" })
    }

    /// Why reading has failed with EPROTO; nil where the number of the error says it.
    var fault: EventReason? { substitute?.fault }

    /// The bytes of messages that have arrived and that the stream keeps, because they cannot be read yet.
    var heldBytes: Int { substitute?.heldBytes ?? 0 }

    /// Whether it has heartbeats of its own, whatever the version of the peer.
    var hasHeartbeat: Bool { substitute?.hasHeartbeat ?? false }

    /// Sends a heartbeat of its own, where it has such; returns whether it has.
    func ping() -> Bool { substitute?.ping() ?? false }

    /// Bytes that have been written, and that would be lost if the stream were closed now and the peer then sent
    /// something.
    var unacknowledged: Int {
        if let substitute { return substitute.unacknowledged }
        // What a Unix domain socket has taken stays readable after close(2).
        guard family == .internet else { return 0 }
        var count: CInt = 0
        // What the peer's system has not acknowledged, see tcp(7), SIOCOUTQ.
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    /// Whether there are bytes that have arrived and not been read, see tcp(7), SIOCINQ.
    var hasUnreadBytes: Bool {
        if let substitute { return substitute.hasUnreadBytes }
        var count: CInt = 0
        return ioctl(descriptor, UInt(FIONREAD), &count) == 0 && count > 0
    }
}

/// What is called when a stream is ready.
package protocol ByteStreamHandler: FileDescriptorHandler {
    /// The stream is ready, once per turn for as long as it stays so.
    func streamIsReady(for readiness: Readiness)

    /// So many bytes have arrived that this read does not return: a heartbeat of the stream, the answer to one, or what
    /// it keeps.
    func streamTook(_ count: Int, isAnswer: Bool)
}

extension ByteStreamHandler {
    package func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) { streamIsReady(for: ready) }
    package func streamTook(_ count: Int, isAnswer: Bool) {}
}

/// What stands in the place of a descriptor. Each member is as the one of `ByteStream`.
package protocol ByteStreamSubstitute: AnyObject {
    func read(into room: UnsafeMutableRawBufferPointer) -> Int
    func write(_ bytes: UnsafeRawBufferPointer) -> Int
    /// The same; more bytes are written at once, see MSG_MORE in send(2).
    func write(_ bytes: UnsafeRawBufferPointer, moreFollows: Bool) -> Int
    func shutdown(_ direction: CInt)
    func close()

    /// Returns the descriptor that takes its place again, and the watch of it, which belong to the stream then; nil when
    /// it stays.
    func handshakeCompleted(with peer: Peer, unsent: Int) -> (descriptor: CInt, watcher: FileDescriptorWatcher?)?

    func watch(for interest: Readiness, handler: any ByteStreamHandler)
    var interest: Readiness { get set }
    func setLowWater(_ count: Int)

    var peerName: String { get }
    var peerHost: String? { get }
    var unacknowledged: Int { get }
    var hasUnreadBytes: Bool { get }

    /// See `ByteStream.close(because:)`.
    func prepareToClose(because reason: EventReason)
    var fault: EventReason? { get }
    var heldBytes: Int { get }
    var hasHeartbeat: Bool { get }
    func ping() -> Bool
}

extension ByteStreamSubstitute {
    package func write(_ bytes: UnsafeRawBufferPointer, moreFollows: Bool) -> Int { write(bytes) }
    package var peerHost: String? { peerName }
    package func prepareToClose(because reason: EventReason) {}
    package var fault: EventReason? { nil }
    package var heldBytes: Int { 0 }
    package var hasHeartbeat: Bool { false }
    package func ping() -> Bool { false }
    package func handshakeCompleted(
        with peer: Peer,
        unsent: Int
    ) -> (descriptor: CInt, watcher: FileDescriptorWatcher?)? { nil }
    package func setLowWater(_ count: Int) {}
}
