import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Sockets over ws against the Python package `websockets`, which knows nothing of ZMTP.
@Suite(.hangLimit, .serialized)
struct WebsocketsTests {
    private static func start(_ arguments: String...) throws -> ChildProcess {
        try ChildProcess("/usr/bin/python3", [Project.file("Tests/Peers/websocket_peer.py")] + arguments)
    }

    private func finish(_ child: ChildProcess, _ scene: Scene) throws {
        try scene.run(until: { child.exitStatus != nil }, "the end of the peer", within: .seconds(40))
        #expect(child.exitStatus == .exited(0), "\(child.standardError)")
    }

    @Test("WS-9, WS-13, WS-16, WS-18: a client's messages, fragments, pings and Close") func requests() throws {
        try withScene { scene in
            let rep = try scene.rep { _, request, reply in reply.send(request) }
            try finish(Self.start("requests", rep.bind(WebSocketTests.anyEndpoint)), scene)
        }
    }

    @Test("WS-3, WS-14: a client without a subprotocol, with binary and text") func bare() throws {
        try withScene { scene in
            let rep = try scene.rep {
                $0.webSocketClients = .binaryAndText
            } received: { _, request, reply in
                reply.send(request)
            }
            try finish(Self.start("bare", rep.bind(WebSocketTests.anyEndpoint)), scene)
        }
    }

    @Test(
        "WS-1, WS-9, WS-14, F-5: what is not ZWS is refused with its status",
        arguments: [
            "text", "oversized", "illegal", "refused",
        ]
    )
    func refusals(scenario: String) throws {
        try withScene { scene in
            let rep = try scene.rep {
                $0.maxMessageSize = 100_000
            } received: { _, request, reply in
                reply.send(request)
            }
            try finish(Self.start(scenario, rep.bind(WebSocketTests.anyEndpoint)), scene)
        }
    }

    @Test("WS-7, WS-11: our REQ asks a server that answers in fragments") func client() throws {
        try withScene { scene in
            let child = try Self.start("serve_requests")
            let req = try scene.req { $0.heartbeatInterval = .milliseconds(20) }
            try req.connect(#require(try child.nextLine()))
            for number in 0..<20 {
                let body = Pattern.bytes(number * 5000)
                #expect(try req.send(Message(body)) == .accepted)
                #expect(try scene.receive(req) == Message(body))
            }
            try scene.close(req)
            try finish(child, scene)
        }
    }
}
