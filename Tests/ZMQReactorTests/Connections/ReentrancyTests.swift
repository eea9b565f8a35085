import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Any call of the application in any of its callbacks.
@Suite(.hangLimit)
struct ReentrancyTests {
    /// For each transport, with and without an I/O thread.
    private static let seeds = 25

    @Test(
        "whatever an application does in a callback, everything ends and nothing is left",
        arguments: Road.allCases,
        [0, 1]
    )
    func anything(road: Road, ioThreads: Int) throws {
        for seed in 0..<Self.seeds {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let application = Impulsive(in: scene, on: road, seed: seed)
                try application.begin()
                application.live(turns: 150)
                for socket in application.sockets where !socket.isClosed {
                    try socket.configure { $0.linger = .none }
                    try scene.close(socket)
                }
                // Those that the application has closed may wait for a peer that never comes.
                for socket in application.sockets { socket.closeAtOnce() }
                try scene.wait("the completions, seed \(seed)") {
                    application.completions == application.expectedCompletions
                }
                #expect(application.faults.isEmpty, "seed \(seed)")
            }
        }
    }
}

extension ReentrancyTests {
    @Test("PAR-1: a PAIR that connects in the event of a handshake still has one peer", arguments: Road.allCases)
    func pairConnecting(road: Road) throws {
        try withScene(in: Context()) { scene in
            let (pair, other, third) = (try scene.pair(), try scene.pair(), try scene.pair())
            let name = try third.bind(Unique.inprocEndpoint())
            pair.onEvent = { socket, event in
                if case .handshakeSucceeded = event, socket.connectors.isEmpty { try? socket.connect(name) }
            }
            try other.connect(pair.bind(road.endpoint))
            try scene.wait("the peer") { third.peerCount == 1 }
            scene.settle()
            #expect(pair.peerCount == 1)
        }
    }

    @Test("RTR-6: a ROUTER that connects in the event of a handshake has each id once", arguments: Road.allCases)
    func routerConnecting(road: Road) throws {
        try withScene(in: Context()) { scene in
            let (router, first, second) = (try scene.router(), try scene.dealer(), try scene.dealer())
            for dealer in [first, second] { try dealer.setRoutingID("name") }
            let name = try second.bind(Unique.inprocEndpoint())
            router.onEvent = { socket, event in
                if case .handshakeSucceeded = event, socket.connectors.isEmpty { try? socket.connect(name) }
            }
            try first.connect(router.bind(road.endpoint))
            try scene.wait("the peer") { second.peerCount == 1 }
            scene.settle()
            #expect(router.peerCount == 1)
        }
    }
}

extension ReentrancyTests {
    @Test(
        "a handshake that has succeeded does not fail when its event closes the socket",
        arguments: [0, 1],
        [true, false]
    )
    func closingInTheHandshake(ioThreads: Int, isImmediate: Bool) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull()
            let push = try scene.push { ($0.linger, $0.isImmediate) = (.none, isImmediate) }
            var names: [String] = []
            push.onEvent = { socket, event in
                names.append(event.name)
                if case .handshakeSucceeded = event { socket.close() }
            }
            try push.connect(pull.bind(anyPort))
            try scene.wait("the end") { names.contains("closed") }
            #expect(names.contains("handshake-succeeded") && !names.contains("handshake-failed"))
        }
    }
}
