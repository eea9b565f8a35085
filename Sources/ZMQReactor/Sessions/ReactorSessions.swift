import EventReactor

/// The sessions on one reactor, and the owners there of sessions on other reactors, by the key that they share.
final class ReactorSessions: ReactorLocal {
    var sessions: [Int: Session] = [:]
    var owners: [Int: any SessionOwner] = [:]
}

extension ReactorSessions: EndOfThreadHandler {
    func reactorThreadEnds() {
        for session in Array(sessions.values) { session.abandon() }
        // The sessions can no longer report their end.
        for owner in Array(owners.values) { owner.sessionFinished() }
    }
}
