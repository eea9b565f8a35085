import EventReactor
import ZMTP

// The decision whether the peer of a handshake may connect.

extension StreamConnection {
    /// Has the authenticator decide about the peer. Returns whether it has: if not, nothing more is read until it does.
    func authenticate() -> Bool {
        guard let shown = wire.takeRequest() else { return false }
        let security = endpoint.options.security
        guard let authenticator = security.authenticator else {
            wire.decide(AuthenticationVerdict.refuse("the server has no authenticator").verdict)
            return true
        }
        // An authenticator may decide by the address: without one it must not be called.
        guard let address = stream.peerHost else {
            wire.decide(AuthenticationVerdict.refuseTemporarily("the peer is gone").verdict)
            return true
        }
        let request = AuthenticationRequest(
            shown.credentials,
            address: address,
            domain: security.domain,
            properties: shown.metadata.dictionary
        )
        switch authenticator.body {
        case .immediate(let decide):
            wire.decide(AuthenticationVerdict(catching: { () throws in try decide(request) }).verdict)
            return true
        case .eventual:
            let limit = security.authenticationTimeout
            PendingAuthentications.of(reactor).begin(authenticator, request, for: self, within: limit)
            return false
        }
    }

    /// The authenticator has decided.
    func authenticated(_ verdict: AuthenticationVerdict) {
        guard state == .handshaking else { return }
        wire.decide(verdict.verdict)
        resumeReceiving()
    }

    /// The authenticator has taken too long. The peer may try again.
    func authenticationTimedOut() {
        let limit = endpoint.options.security.authenticationTimeout
        end(.limitExceeded(.authenticationTime, "the authenticator has not decided within \(limit)"))
    }
}

/// The connections of a reactor whose peers are being authenticated in a task, by a number that the task keeps: a task
/// that never ends holds neither the connection nor the reactor.
final class PendingAuthentications: ReactorLocal {
    private struct Pending {
        let connection: StreamConnection
        let task: Task<Void, Never>
        let timer: ReactorTimer
    }

    private var pending: [Int: Pending] = [:]

    /// Starts a task that decides about the connection's peer.
    func begin(
        _ authenticator: Authenticator,
        _ request: AuthenticationRequest,
        for connection: StreamConnection,
        within limit: Duration
    ) {
        let (key, reactor) = (UniqueNumber.next(), connection.reactor.handle)
        let task = Task(executorPreference: reactor) {
            let verdict = await AuthenticationVerdict(of: authenticator, request)
            reactor.submitUnlimited { reactor in
                PendingAuthentications.of(reactor).end(key)?.authenticated(verdict)
            }
        }
        let timer = connection.reactor.after(limit) { [weak self] _ in self?.end(key)?.authenticationTimedOut() }
        pending[key] = Pending(connection: connection, task: task, timer: timer)
        connection.authentication = key
    }

    /// Ends an authentication: its task is cancelled if it is still running. Returns the connection; nil if it was
    /// over.
    @discardableResult
    func end(_ key: Int) -> StreamConnection? {
        guard let ended = pending.removeValue(forKey: key) else { return nil }
        ended.task.cancel()
        ended.timer.cancel()
        ended.connection.authentication = nil
        return ended.connection
    }
}

extension PendingAuthentications: EndOfThreadHandler {
    func reactorThreadEnds() { for key in pending.keys.sorted() { end(key) } }
}
