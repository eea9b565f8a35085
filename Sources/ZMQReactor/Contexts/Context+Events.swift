import EventReactor

extension Context {
    /// Reports the events of all sockets to a receiver, on the threads of the sockets: of those that are made from now on
    /// at once, of the others from the next turn of their reactor on. The context keeps the receiver.
    package func reportEvents(to receiver: any ContextEventReceiver) {
        changeEventReceivers { $0.append(receiver) }
        forEachLoop { reactor in
            for member in ContextMembers.of(reactor).members(of: self) { member.reportEvents(to: receiver) }
        }
    }

    /// Reports nothing more to the receiver, except for what sockets of other threads are reporting.
    package func reportNoEvents(to receiver: any ContextEventReceiver) {
        changeEventReceivers { receivers in receivers.removeAll { $0 === receiver } }
        forEachLoop { reactor in
            for member in ContextMembers.of(reactor).members(of: self) { member.reportNoEvents(to: receiver) }
        }
    }
}
