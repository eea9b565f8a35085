package import EventReactor

extension Reactor {
    /// The sockets on this reactor that are not closed, in the order in which they were made.
    package var openSockets: [Socket] { ContextMembers.of(self).all.compactMap { $0 as? Socket } }

    /// Closes everything on it without linger: a reactor and an open socket keep each other in memory.
    package func closeSockets() {
        ContextMembers.of(self).reactorThreadEnds()
        ReactorSessions.of(self).reactorThreadEnds()
        run(.nowait)
    }
}
