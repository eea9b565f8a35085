import EventReactor
import ZMTP

// Pipe events go to the socket's pattern.

extension Socket {
    func pipeUp(_ pipe: Pipe) {
        observer.record(.connectionMade)
        pattern?.pipeUp(pipe, at: self)
    }

    func pipeDown(_ pipe: Pipe) { pattern?.pipeDown(pipe, at: self) }

    func peerHalfClosed(_ pipe: Pipe) { pattern?.peerHalfClosed(pipe) }

    var refusalOfPeers: String? { pattern?.refusalOfPeers }

    func pipeAdded(_ pipe: Pipe) { pattern?.pipeAdded(pipe, at: self) }

    func receive(_ command: PeerCommand, from pipe: Pipe) { pattern?.receive(command, from: pipe, at: self) }

    func pipeToldAll(_ pipe: Pipe) { pattern?.pipeToldAll(pipe, at: self) }

    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool { pattern?.pipe(pipe, meets: peer) ?? false }

    func refusal(of peer: Peer, for pipe: Pipe?) -> String? { pattern?.refusal(of: peer, for: pipe) }

    func pipeRemoved(_ pipe: Pipe) { pattern?.pipeRemoved(pipe, at: self) }

    func awaitsWritability(of pipe: Pipe) -> Bool { pattern?.awaitsWritability(of: pipe) ?? false }

    func pipeRegainedCapacity(_ pipe: Pipe) { pattern?.pipeRegainedCapacity(pipe) }

    /// What the application takes is reported on this thread.
    func pipeIsCounted(_ pipe: Pipe) {}

    func pipeCloses(_ pipe: Pipe) { pattern?.pipeCloses(pipe) }

    /// The number of messages that are queued and not sent.
    var unsentMessages: Int {
        connectors.reduce(0) { $0 + $1.unsentMessages } + listeners.reduce(0) { $0 + $1.unsentMessages }
            + (pattern?.unsentMessages ?? 0) + (outlet?.count ?? 0)
    }

    func closingBegins() { pattern?.closingBegins(at: self) }

    /// Releases everything that the application has provided, because the socket is closed.
    func forgetApplication() {
        hasHandler = false
        forgetHandler()
        pattern?.close(at: self)
    }
}

// All pipes first, then the application, which would otherwise fill the first one again and again.
extension Socket: AfterTurnHandler {
    /// A pipe that was full is at most half full.
    func noteRelief(of pipe: Pipe) {
        if relieved.isEmpty { reactor.afterEndOfTurn(self) }
        relieved.append(pipe)
    }

    package func reactorTurnIsOver() {
        let pipes = relieved
        relieved = []
        for pipe in pipes {
            pipe.isRelieved = false
            // It may be gone or full again.
            if pipe.slot >= 0, pipe.isHalfEmpty { pattern?.pipeBecameWritable(pipe, at: self) }
        }
        pattern?.becameWritable(at: self)
    }
}

// Calls of a pattern.
extension Socket: PatternHost {
    func notifyWritable(for pipe: Pipe?) {
        if let outlet { return offerRoom(to: outlet, for: pipe) }
        consumer?.becameWritable(at: self)
        becameWritable(for: pipe)
    }

    /// As `notifyWritable`, with other threads that may wait for the room.
    private func offerRoom(to outlet: Outlet, for pipe: Pipe?) {
        offersToOutletFirst.toggle()
        if offersToOutletFirst { outlet.becameWritable(for: pipe) }
        consumer?.becameWritable(at: self)
        becameWritable(for: pipe)
        if !offersToOutletFirst { outlet.becameWritable(for: pipe) }
    }

    func notifyDropped(_ count: Int, _ reason: DropReason) {
        drop(count, reason)
        for _ in 0..<count where state == .open { messageDropped() }
    }

    func countRefusals(_ count: Int) { observer.record(.refused(count)) }

    func notifyReceivers() { consumer?.messagesArrived(at: self) }
}
