import EventReactor

extension Context {
    /// Reports the events of all sockets to a receiver, on the threads of the sockets: of those that are made from now on
    /// at once, of the others from one of the next turns of their reactor on. The context does not keep the receiver.
    package func reportEvents(to receiver: some ContextEventReceiver) {
        visitMembers { [weak receiver] member in
            if let receiver { member.reportEvents(to: receiver) }
        }
    }

    /// Ends that. Sockets of other threads may still report until their next turn.
    package func reportNoEvents(to receiver: some ContextEventReceiver) {
        forEachLoop { reactor in
            for member in ContextMembers.of(reactor).members(of: self) { member.reportNoEvents(to: receiver) }
        }
    }
}
