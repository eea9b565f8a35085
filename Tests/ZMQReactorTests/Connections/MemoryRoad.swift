import EventReactor
import ZMTP

@testable import ZMQReactor

/// A transport over memory, for one listener and any number of connectors: what is dialled is accepted, refused or left waiting, as the test
/// says.
final class MemoryRoad {
    enum Answer { case accepts, refuses, waits }

    let reactor: Reactor
    var answer = Answer.accepts
    fileprivate var acceptor: MemoryAcceptor?
    /// Both ends of each connection, the connecting one first.
    private(set) var streams: [(near: MemoryStream, far: MemoryStream)] = []
    private(set) var dials = 0

    init(on reactor: Reactor) { self.reactor = reactor }

    let endpoint = Endpoint.inproc("memory")

    fileprivate func dial(for connector: Connector) {
        dials += 1
        switch answer {
        case .waits: break
        case .refuses: connector.attemptFailed(EventReason(.connectionRefused, "refused by the test"))
        case .accepts:
            let (near, far) = MemoryStream.pair(on: reactor)
            streams.append((near, far))
            connector.opened(ByteStream(near))
            acceptor?.listener.accepted(ByteStream(far), from: nil, isAllowed: true)
        }
    }

    /// Has the socket connect by this road.
    @discardableResult
    func connect(_ socket: Socket) -> Connector {
        let connector = Connector(MemoryDialer(self), of: socket, socket.endpointOptions)
        socket.connectors.append(connector)
        connector.start()
        return connector
    }

    /// Has the socket listen at this road.
    @discardableResult
    func bind(_ socket: Socket) -> Listener {
        let acceptor = MemoryAcceptor(self)
        let listener = Listener(acceptor, of: socket, socket.endpointOptions)
        self.acceptor = acceptor
        socket.listeners.append(listener)
        listener.start()
        return listener
    }
}

private final class MemoryDialer: Dialer {
    unowned var connector: Connector!
    private let road: MemoryRoad

    init(_ road: MemoryRoad) { self.road = road }

    var endpoint: Endpoint { road.endpoint }
    func dial() { road.dial(for: connector) }
    func stop() {}
    var connectionInfo: [ConnectionInfo] { [] }
}

final class MemoryAcceptor: Acceptor {
    unowned var listener: Listener!
    private let road: MemoryRoad

    fileprivate init(_ road: MemoryRoad) { self.road = road }

    var endpoint: Endpoint { road.endpoint }
    func start() {}
    func stop() { road.acceptor = nil }
}
