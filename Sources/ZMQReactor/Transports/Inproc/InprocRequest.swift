import EventReactor
import Synchronization

/// A connector's request to be joined with the socket that is bound to a name. It is always answered, even if the
/// reactor to which it was submitted ends first.
final class InprocRequest: Sendable {
    /// Nil when the connector joins after it has been accepted.
    private let channels: ChannelPair?
    private let connector: InprocEndpoint
    private let isAnswered = Atomic(false)

    init(_ channels: ChannelPair?, from connector: InprocEndpoint) {
        self.channels = channels
        self.connector = connector
    }

    deinit { if !isAnswered.load(ordering: .relaxed) { refuse() } }

    /// To be called on the listener's thread, once; nil when it does not listen any more.
    func answer(with acceptor: InprocAcceptor?) {
        isAnswered.store(true, ordering: .relaxed)
        guard let acceptor else { return refuse() }
        if let channels { acceptor.accept(channels, from: connector) } else { acceptor.invite(connector) }
    }

    private func refuse() {
        if let channels {
            channels.refuse(.binder, wake: connector.handle)
        } else {
            connector.notifyRefusal(.peerClosed, by: nil)
        }
    }
}

extension InprocEndpoint {
    /// Refuses a connector that waits for an answer, from any thread.
    func notifyRefusal(_ reason: EventReason, by binder: InprocEndpoint?) {
        let key = key
        _ = handle.submitUnlimited { InprocEndpoints.of($0).dialers[key]?.refused(reason, by: binder) }
    }
}
