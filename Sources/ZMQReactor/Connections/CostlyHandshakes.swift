import EventReactor

/// A handshake that is costly: with key agreements, as those of CURVE and TLS.
protocol CostlyHandshake: AnyObject {
    /// The turn of a handshake that waited has come. One that has ended meanwhile does nothing.
    func handshakeGoesOn()
}

/// What accepts connections, and their handshakes are costly.
protocol CostlyAcceptor: AnyObject {
    /// There is room for further handshakes.
    func acceptingGoesOn()
}

/// Limits the costly handshakes of a reactor, so that a flood of them leaves its time to the peers that are there.
///
/// * A turn of the loop takes one step of one handshake. The others wait, in the order in which they came.
/// * While some wait no connections are accepted that may join them: these wait in the backlog of the system, where they
///   cost nothing.
final class CostlyHandshakes: ReactorLocal {
    private unowned var reactor: Reactor!

    private var waiting = RingBuffer<any CostlyHandshake>()
    private var acceptors: [any CostlyAcceptor] = []

    /// Whether this turn has taken its step.
    private var hasStepped = false

    /// The connections that a listener accepts in one turn, and the handshakes that wait before it accepts none.
    static let most = 4

    static func on(_ reactor: Reactor) -> CostlyHandshakes {
        let handshakes = of(reactor)
        handshakes.reactor = reactor
        return handshakes
    }

    /// Whether the handshake may take a step now. Otherwise it waits, and is called.
    func mayStep(_ handshake: any CostlyHandshake) -> Bool {
        guard hasStepped else {
            step()
            return true
        }
        waiting.append(handshake)
        return false
    }

    /// Whether connections may be accepted now. Otherwise the acceptor is called when they may.
    func mayAccept(for acceptor: any CostlyAcceptor) -> Bool {
        guard waiting.count >= Self.most else { return true }
        acceptors.append(acceptor)
        return false
    }

    private func step() {
        hasStepped = true
        reactor.inNextTurn(self)
    }
}

extension CostlyHandshakes: NextTurnHandler {
    func reactorTurnGoesOn() {
        hasStepped = false
        if let next = waiting.popFirst() {
            step()
            next.handshakeGoesOn()
        }
        guard !acceptors.isEmpty, waiting.count < Self.most else { return }
        let held = acceptors
        acceptors = []
        for acceptor in held { acceptor.acceptingGoesOn() }
    }
}

extension CostlyHandshakes: EndOfThreadHandler {
    func reactorThreadEnds() {
        waiting.removeAll()
        acceptors = []
    }
}
