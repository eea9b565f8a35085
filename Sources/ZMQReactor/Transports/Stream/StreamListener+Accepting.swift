import EventReactor
import Glibc

// What happens to a new connection.
//
// * A connection that a limit forbids is accepted and closed at once: it leaves the backlog to others, and its peer can try again.
// * When the process has no descriptor left, one that was kept for that makes room for each connection that is refused. Where even
//   that fails accepting pauses, and goes on by itself.
// * What is refused costs the loop less than what is admitted, and counts against the same budget of a turn.

extension StreamListener {
    /// Connections accepted in one turn at most, so that a flood of them leaves time for the others.
    private static let turnBudget = 64

    /// How long accepting pauses when the system has nothing left to accept with.
    private static let exhaustionPause = Duration.milliseconds(100)

    func accept() {
        for _ in 0..<Self.turnBudget {
            // A handler may have unbound us.
            guard isListening else { return }
            let (accepted, address) = SocketAddress.accept(listening.descriptor)
            guard accepted < 0 else {
                admit(accepted, from: address)
                // It may be missing since a shortage.
                if isListening { spare.keep() }
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

    private func admit(_ accepted: CInt, from remote: SocketAddress) {
        let address = transport.countedAddress(of: accepted, from: remote, options.limits)
        if let limit = admissions.admit(address, options.limits, at: reactor.nanoseconds) {
            return refuse(accepted, limit)
        }
        transport.configure(accepted, endpointOptions)
        let connection = StreamConnection(
            ByteStream(accepted, transport.family),
            of: self,
            endpointOptions,
            role: .accepting
        )
        add(connection, from: address)
        observer.record(.accepted(endpoint, connection))
        // The application may have closed the socket in this call.
        guard !connection.isEnded else { return }
        if let reason = host.rejection(of: nil, for: nil) {
            // Before the handshake: what the peer has queued stays with it, for its next attempt.
            connection.end(reason)
        } else if transport.admits(accepted, endpointOptions) {
            connection.start()
        } else {
            connection.end(.notAllowed)
        }
    }

    private func refuse(_ accepted: CInt, _ limit: SocketLimit) {
        guard let silent = limitEvents.refusal(by: limit, at: reactor.nanoseconds) else {
            Glibc.close(accepted)
            return
        }
        let peer = ByteStream(accepted, transport.family).peerName
        Glibc.close(accepted)
        let reason = EventReason.refused(by: limit, options.limits, silent: silent)
        observer.record(.handshakeFailed(endpoint, NamedPeer(peerName: peer), reason))
    }

    /// Refuses one connection for want of descriptors; answers whether there was one to refuse.
    private func refuseOne() -> Bool {
        guard spare.giveUp() else { return false }
        let (accepted, _) = SocketAddress.accept(listening.descriptor)
        guard accepted >= 0 else {
            spare.keep()
            return false
        }
        admissions.count(.descriptors)
        refuse(accepted, .descriptors)
        if isListening { spare.keep() }
        return true
    }

    /// Level-triggered readiness would spin: look away for a while.
    private func pauseAccepting() {
        watcher?.interest = []
        reactor.after(Self.exhaustionPause) { [weak self] _ in
            guard let self, isListening else { return }
            spare.keep()
            watcher?.interest = .readable
        }
    }
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

    /// Closes it; answers whether it was there.
    mutating func giveUp() -> Bool {
        guard descriptor >= 0 else { return false }
        close(descriptor)
        descriptor = -1
        return true
    }
}
