import Glibc
package import ZMTP

extension WebSocketCodec: StreamCodec {
    package var reasonOfEnd: EventReason? {
        guard let fault else { return nil }
        let kind: EventReason.Kind =
            switch fault.kind {
            case .protocolError: .protocolError
            case .tooLarge: .limitExceeded(.messageSize)
            case .noMemory: .system(ENOMEM)
            case .closedByPeer: .peerClosed
            }
        return EventReason(kind, fault.message)
    }

    package func close(because reason: EventReason?) {
        guard let reason, reason.kind != .closed, reason.kind != .peerClosed else { return close(.normal) }
        let status: WebSocketStatus =
            switch reason.kind {
            case .protocolError, .refusedByPeer: .protocolError
            case .notAuthenticated, .notAllowed, .rejected: .policyViolation
            case let kind where kind.limit != nil: kind.limit == .messageSize ? .tooLarge : .policyViolation
            default: .goingAway
            }
        // Why an authenticator refuses a peer is for this side alone, as over any transport.
        let isPrivate = status == .goingAway || reason.kind == .notAuthenticated || reason.kind == .notAllowed
        close(status, isPrivate ? "" : reason.message)
    }
}
