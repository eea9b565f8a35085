import EventReactor

/// The sessions on one reactor, and the owners there of sessions on other reactors, by the key that they share.
final class ReactorSessions: ReactorLocal {
    var sessions: [Int: Session] = [:]
    var owners: [Int: any SessionOwner] = [:]
}

extension ReactorSessions: EndOfThreadHandler {
    func reactorThreadEnds() {
        // Keys rise: these are in the order in which they were made.
        for (_, session) in sessions.sorted(by: { $0.key < $1.key }) { session.abandon() }
        // The sessions can no longer report their end.
        for (_, owner) in owners.sorted(by: { $0.key < $1.key }) { owner.sessionFinished() }
    }
}
