import EventReactor
import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMQReactor

/// A proxy whose peers are lost while it holds their messages back.
@Suite(.hangLimit)
struct ProxyRecoveryTests {
    private static func tight(_ options: inout SocketOptions) {
        (options.sendHighWaterMark, options.receiveHighWaterMark) = (1, 1)
    }

    /// Two sockets, which one of them binds; no bytes but few travel ahead of what is read.
    private func join(_ scene: Scene, _ near: Socket, _ far: Socket, nearBinds: Bool) throws {
        let (binding, connecting) = nearBinds ? (near, far) : (far, near)
        let endpoint = scene.anyEndpoint
        try binding.bind(endpoint)
        try connecting.connect(endpoint)
        try scene.run(until: { near.peerCount == 1 && far.peerCount == 1 })
    }

    /// Sends until neither the proxy nor the network takes more.
    private func fill(_ socket: PairSocket, _ scene: Scene) throws {
        var isFull = false
        while !isFull {
            isFull = try socket.send("held back") == .wouldBlock
            scene.settle()
            if isFull { isFull = try socket.send("held back") == .wouldBlock }
        }
    }

    @Test("an echo gets a new connection when its peer is lost that did not read", arguments: [true, false])
    func echo(echoBinds: Bool) throws {
        try withVirtualScene { scene in
            scene.network.capacity = 500
            let echo = try scene.pair(Self.tight)
            try Proxy(frontend: echo, backend: echo)
            let client = try scene.pair(Self.tight)
            var reconnects = 0
            client.onEvent = { _, event in if event.name == "handshake-succeeded" { reconnects += 1 } }
            try join(scene, echo, client, nearBinds: echoBinds)
            try fill(client, scene)
            #expect(reconnects == 1)
            scene.network.connections[0].reset()
            try scene.run(until: { reconnects == 2 })
            // It works again.
            while try client.tryReceive() != nil {}
            try scene.run(until: { try client.send("again") == .accepted }, "room")
            try scene.run(until: { try client.tryReceive() != nil }, "an echo")
        }
    }
}
