import EventReactor
import ZMTP

// What connections, connectors, listeners and pipes may know of a socket.

extension Socket: ConnectionHost {
    final var profile: SocketProfile { SocketProfile(type: type, identity: identity) }

    final var isOpen: Bool { state == .open }

    final func makePipe(at endpoint: Endpoint, _ options: EndpointOptions, isPersistent: Bool) -> Pipe {
        Pipe(of: self, endpoint: endpoint, options: options.pipe, isPersistent: isPersistent)
    }

    final func admit(
        _ peer: Peer,
        to pipe: Pipe?,
        at endpoint: Endpoint,
        _ options: EndpointOptions
    ) -> Admission {
        if let reason = rejection(of: peer, for: pipe) { return .reject(reason) }
        return .pipe(pipe ?? makePipe(at: endpoint, options, isPersistent: false))
    }

    final func rejection(of peer: Peer?, for pipe: Pipe?) -> EventReason? {
        if pipe == nil {
            guard state == .open else { return .closed }
            if let reason = refusalOfPeers { return .rejected(reason) }
        }
        guard let peer, let reason = refusal(of: peer, for: pipe) else { return nil }
        return .rejected(reason)
    }

    final func endpointChanged() {
        forgetFinishedTransports()
        finishClosingIfDone()
    }
}

extension Socket: ContextMember {}

extension Socket: PipeSink, PipeOwner {
    final func pipeSent(_ pipe: Pipe, _ count: Int) { observer.record(.sent(count)) }

    final func receivedInVain(_ count: Int) {
        guard count > 0 else { return }
        observer.record(.received(count))
        drop(count, .undelivered)
    }

    final func pipeDropped(_ pipe: Pipe, _ count: Int) { drop(count, .conflated) }

    final func pipeIsFull(_ pipe: Pipe) { slowPeers.watch(pipe) }

    final func messagesWait(in pipe: Pipe) { if state == .open { fairQueue.add(pipe) } }
}
