import EventReactor
import Glibc
import ZMTP

/// Accepts the byte streams of one listening descriptor.
///
/// * A connection that a limit forbids is accepted and closed at once: it leaves the backlog to others, and its peer
///   can try again.
/// * When the process has no descriptor left, one that was kept for that makes room for each connection that is
///   refused. Where even that fails accepting pauses, and goes on by itself.
/// * What is refused costs the loop less than what is admitted, and counts against the same budget of a turn.
/// * Connections whose handshakes are costly are accepted as these proceed, see `CostlyHandshakes`.
final class ByteStreamAcceptor: Acceptor {
    unowned var listener: Listener!
    private let transport: any ByteStreamTransport
    private let listening: ListeningDescriptor
    private(set) var watcher: FileDescriptorWatcher?
    var spare = SpareDescriptor()

    /// Connections accepted in one turn at most, so that a flood of them leaves time for the others.
    private static let turnBudget = 64

    /// Whether the loop calls when a turn has time for further connections.
    private var waitsForChurn = false

    /// How long accepting pauses when the system has nothing left to accept with.
    private static let exhaustionPause = Duration.milliseconds(100)

    /// The descriptor belongs to the acceptor, which closes it in the end.
    init(_ transport: any ByteStreamTransport, on listening: ListeningDescriptor) {
        (self.transport, self.listening) = (transport, listening)
    }

    var endpoint: Endpoint { listening.endpoint }

    var greets: Bool { transport.greets }
    var metadata: Metadata { transport.metadata(listener.endpointOptions) }

    func start() { watcher = listener.reactor.watchOpen(listening.descriptor, for: .readable, handler: self) }

    func stop() {
        watcher?.cancel()
        watcher = nil
        // The file goes first: no peer shall connect to one that is not listened at.
        listening.cleanUp()
        Glibc.close(listening.descriptor)
        _ = spare.giveUp()
    }

    private func accept() {
        // Held meanwhile: an event may end the socket, and the listener with it.
        let listener: Listener = listener
        guard listener.reactor.grantChurn() else {
            waitsForChurn = true
            return listener.reactor.whenChurnHasTime(self)
        }
        var budget = Self.turnBudget
        if transport.hasCostlyCodecs || listener.endpointOptions.hasCostlyHandshakes {
            guard CostlyHandshakes.on(listener.reactor).mayAccept(for: self) else {
                watcher?.interest = []
                return
            }
            budget = CostlyHandshakes.most
        }
        for number in 0..<budget {
            // A handler may have unbound the socket.
            guard listener.isListening else { return }
            if number > 0, !listener.reactor.grantChurn() { return }
            let (accepted, address) = SocketAddress.accept(listening.descriptor)
            guard accepted < 0 else {
                admit(accepted, from: address, for: listener)
                // It may be missing since a shortage.
                if listener.isListening { spare.keep() }
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE: guard refuseOne() else { return pauseAccepting() }
            case ENOBUFS, ENOMEM: return pauseAccepting()
            default: return
            }
        }
    }

    private func admit(_ accepted: CInt, from remote: SocketAddress, for listener: Listener) {
        let address = transport.countedAddress(of: accepted, from: remote, listener.options.limits)
        if let limit = listener.admit(from: address) { return refuse(accepted, limit) }
        let endpoint = listener.endpointOptions
        transport.configure(accepted, endpoint)
        do throws(ZMQError) {
            let stream = try transport.stream(on: accepted, .accepting, endpoint, listener.reactor)
            listener.accepted(stream, from: address, isAllowed: transport.admits(accepted, endpoint))
        } catch {
            Glibc.close(accepted)
            listener.observer.admissions.leave(address, duringHandshake: true)
            let reason = EventReason(.system(error.code.errno), error.message)
            listener.observer.record(.handshakeFailed)
            listener.observer.record(.handshakeFailed(self.endpoint, PeerDescription("unknown"), reason))
        }
    }

    private func refuse(_ accepted: CInt, _ limit: SocketLimit) {
        var stream = ByteStream(accepted, transport.family)
        let (reason, isEvent) = listener.refusal(by: limit)
        let peer = PeerDescription(isEvent ? stream.peerName : "")
        stream.close()
        if isEvent { listener.observer.record(.handshakeFailed(endpoint, peer, reason)) }
    }

    /// Refuses one connection for want of descriptors; returns whether there was one to refuse.
    private func refuseOne() -> Bool {
        guard spare.giveUp() else { return false }
        let (accepted, _) = SocketAddress.accept(listening.descriptor)
        guard accepted >= 0 else {
            spare.keep()
            return false
        }
        listener.observer.admissions.count(.descriptors)
        refuse(accepted, .descriptors)
        if listener.isListening { spare.keep() }
        return true
    }

    /// Level-triggered readiness would spin: stop watching for a while.
    private func pauseAccepting() {
        watcher?.interest = []
        listener.reactor.after(Self.exhaustionPause) { [weak self] _ in
            guard let self, let watcher else { return }
            spare.keep()
            watcher.interest = .readable
        }
    }
}

extension ByteStreamAcceptor: OwnedHandler {
    /// One that is stopped may outlive its listener.
    var handlerOwner: (any HandlerOwner)? { watcher == nil ? nil : listener.handlerOwner }
}

extension ByteStreamAcceptor: FileDescriptorHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        if !waitsForChurn { accept() }
    }
}

extension ByteStreamAcceptor: NextTurnHandler {
    var isOver: Bool { watcher == nil }

    func reactorTurnGoesOn() {
        waitsForChurn = false
        if watcher != nil { accept() }
    }
}

extension ByteStreamAcceptor: CostlyAcceptor {
    func acceptingGoesOn() { watcher?.interest = .readable }
}

/// A descriptor that is kept open to be closed when another one is needed.
struct SpareDescriptor: ~Copyable {
    private var descriptor: CInt = -1

    init() { keep() }

    deinit { if descriptor >= 0 { close(descriptor) } }

    mutating func keep() {
        if descriptor < 0 { descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC) }
    }

    var isKept: Bool { descriptor >= 0 }

    /// Closes it; returns whether it was there.
    mutating func giveUp() -> Bool {
        guard descriptor >= 0 else { return false }
        close(descriptor)
        descriptor = -1
        return true
    }
}
