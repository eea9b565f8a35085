import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite(.hangLimit)
struct ClientServerTests {
    private static let bodies: [Message] = ["", "x", [Frame(Pattern.bytes(300))], [Frame(Pattern.bytes(200_000))]]

    @Test(
        "CLI-1, CLI-2, SRV-1, SRV-4, SRV-5, TS-6: messages pass both ways, with the routing id in front at the SERVER",
        arguments: Road.kinds,
        [(0, true), (0, false), (1, true), (1, false)]
    )
    func bothWays(road: Road, setting: (ioThreads: Int, serverBinds: Bool)) throws {
        try withScene(in: Context(ioThreads: setting.ioThreads)) { scene in
            let (client, server) = try (scene.open(ClientSocket.self), scene.open(ServerSocket.self))
            if setting.serverBinds {
                try server.bind(road.endpoint)
                try scene.connect(client, to: server)
            } else {
                try client.bind(road.endpoint)
                try scene.connect(server, to: client)
            }
            for body in Self.bodies {
                #expect(try client.send(body) == .accepted)
                let message = try scene.receive(server)
                #expect(message.count == 2 && message[1] == body[0] && message[0].count == 4)
                #expect(try server.send(message) == .accepted)
                #expect(try scene.receive(client) == body)
                #expect(try server.send(body, to: message[0]) == .accepted)
                #expect(try scene.receive(client) == body)
            }
            #expect(try client.send("bytes".utf8Span.span.bytes) == .accepted)
            #expect(try scene.receive(server)[1] == "bytes")
        }
    }

    @Test("SRV-2, SRV-3: each client has its own routing id, which is not 0, whatever the client says of itself")
    func routingIDs() throws {
        try withScene { scene in
            let server = try scene.open(ServerSocket.self)
            let peers = try (0..<5).map { _ in try scene.rawPeer("CLIENT", of: server, identity: [65, 66, 67, 68]) }
            for (number, peer) in peers.enumerated() { peer.send(message: [UInt8(65 + number)]) }
            var ids: [Frame: Frame] = [:]
            for _ in peers {
                let message = try scene.receive(server)
                ids[message[1]] = message[0]
            }
            let all = Set(ids.values)
            #expect(all.count == 5 && all.allSatisfy { $0.integer(as: UInt32.self) ?? 0 != 0 && $0 != "ABCD" })
            for (body, id) in ids {
                #expect(try server.send("to \(body.string)", to: id) == .accepted)
                #expect(server.peer(id)?.socketType == .client && server.peer(id)?.isConnected == true)
            }
            for (number, peer) in peers.enumerated() {
                #expect(scene.heard(peer) == Wire.message("to \(["A", "B", "C", "D", "E"][number])"))
            }
        }
    }

    @Test("SRV-6: a send to an unknown routing id, or to none, is an error")
    func unknownID() throws {
        try withScene { scene in
            let (client, server) = try (scene.open(ClientSocket.self), scene.open(ServerSocket.self))
            try scene.connect(client, to: server)
            let id = server.idOfPeer
            let other = Frame(integer: id.integer(as: UInt32.self)! ^ 1)
            for unknown in [other, Frame(integer: UInt32(0)), "", "abc", "abcde", Frame(Pattern.bytes(100_000))] {
                #expect(throws: ZMQError.self) { try server.send("x", to: unknown) }
                let error = #expect(throws: ZMQError.self) { try server.send([unknown, "x"] as Message) }
                #expect(error?.code == .hostUnreachable)
                #expect(server.peer(unknown) == nil)
            }
            #expect(try server.send("for the one that is there", to: id) == .accepted)
            #expect(try scene.receive(client) == "for the one that is there")
            #expect(try scene.receiveAll(client).isEmpty && server.statistics.messagesDropped == 0)
        }
    }

    @Test("SRV-6: a client that is gone cannot be sent to, whichever side has connected", arguments: [0, 1])
    func clientGone(ioThreads: Int) throws {
        for serverBinds in [true, false] {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let recorder = Recorder()
                let server = try scene.open(ServerSocket.self, handler: recorder)
                var client = try scene.open(ClientSocket.self)
                let endpoint = try serverBinds ? scene.endpoint(of: server) : client.bind(freeEndpoint())
                if serverBinds { try scene.connect(client, to: server) } else { try scene.connect(server, to: client) }
                let former = server.idOfPeer
                #expect(recorder.connected.map(\.routingID) == [former])
                try scene.close(client)
                try scene.wait("the end") { recorder.disconnected.count == 1 }
                #expect(recorder.disconnected[0].routingID == former && !recorder.disconnected[0].isConnected)
                let error = #expect(throws: ZMQError.self) { try server.send("x", to: former) }
                #expect(error?.code == .hostUnreachable)
                // The next one at the same place is another one.
                client = try scene.open(ClientSocket.self)
                if serverBinds { try client.connect(endpoint) } else { try client.bind(endpoint) }
                try scene.wait("another") { recorder.connected.count == 2 }
                #expect(recorder.connected[1].routingID != former)
                #expect(throws: ZMQError.self) { try server.send("x", to: former) }
                #expect(try server.send("for you", to: recorder.connected[1].routingID) == .accepted)
                #expect(try scene.receive(client) == "for you")
                #expect(try scene.receiveAll(client).isEmpty)
            }
        }
    }

    @Test("SRV-8: what was queued for a client that is gone goes to no other, and is counted")
    func queueEnds() throws {
        try withVirtualScene { scene in
            let listener = try scene.rawListener()
            let recorder = Recorder()
            let server = try scene.open(ServerSocket.self, handler: recorder)
            try server.connect(listener.endpoint)
            let first = try listener.accept()
            first.shakeHands(as: "CLIENT")
            try scene.wait("the first") { server.peerCount == 1 }
            let id = server.idOfPeer
            first.send(message: [65])
            try scene.wait("its message") { recorder.count == 1 }
            first.reset()
            #expect(try server.send("lost", to: id) == .accepted)
            let second = try listener.accept()
            second.shakeHands(as: "CLIENT")
            try scene.wait("the second") { recorder.connected.count == 2 }
            scene.settle()
            second.poll()
            #expect(!second.received.contains(UInt8(ascii: "l")))
            #expect(server.statistics.dropped[.peerGone] + server.statistics.messagesSent == 1)
            #expect(throws: ZMQError.self) { try server.send("x", to: id) }
        }
    }

    @Test("SRV-7, HWM-03: a full queue blocks for its client alone, and room is reported", .nothingMovesByItself)
    func wouldBlock() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let server = try scene.open(ServerSocket.self, { $0.sendHighWaterMark = 3 }, handler: recorder)
            let (one, two) = try (scene.open(ClientSocket.self), scene.open(ClientSocket.self))
            try scene.connect(one, to: server)
            let id = server.idOfPeer
            try scene.connect(two, to: server)
            let other = recorder.connected[1].routingID
            for number in 0..<3 { #expect(try server.send("\(number)", to: id) == .accepted) }
            #expect(try server.send("3", to: id) == .wouldBlock)
            #expect(try server.send("other", to: other) == .accepted)
            try scene.wait("room") { recorder.writableCount == 1 }
            #expect(try server.send("4", to: id) == .accepted)
            #expect(try scene.receiveAll(one) == ["0", "1", "2", "4"])
            #expect(try scene.receiveAll(two) == ["other"])
            #expect(server.statistics.messagesDropped == 0)
        }
    }

    @Test("SRV-7: a send that waits for a client that disconnects is reported, and then fails", .nothingMovesByItself)
    func blockedByTheLost() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let server = try scene.open(ServerSocket.self, { $0.sendHighWaterMark = 1 }, handler: recorder)
            let client = try scene.open(ClientSocket.self)
            try scene.connect(client, to: server)
            let id = server.idOfPeer
            #expect(try server.send("0", to: id) == .accepted)
            #expect(try server.send("1", to: id) == .wouldBlock)
            client.close()
            try scene.wait("the end") { server.peerCount == 0 && recorder.writableCount >= 1 }
            #expect(throws: ZMQError.self) { try server.send("1", to: id) }
        }
    }

    @Test("CLI-7, CLI-10, SRV-4: a CLIENT sends to its SERVERs in turn, and both receive in turn")
    func inTurn() throws {
        try withTimedScene { scene in
            let client = try scene.open(ClientSocket.self)
            let servers = try (0..<2).map { _ in try scene.open(ServerSocket.self) }
            for server in servers { try scene.connect(client, to: server) }
            for number in 0..<4 { #expect(try client.send("\(number)") == .accepted) }
            scene.settle()
            for server in servers {
                let messages = try (0..<2).map { _ in try scene.receive(server) }
                for message in messages { for _ in 0..<2 { #expect(try server.send(message) == .accepted) } }
            }
            scene.settle()
            let replies = try (0..<8).map { _ in try scene.receive(client).string }
            #expect(replies.count == 8 && Set(replies.prefix(2)).count == 2)
        }
    }

    @Test(
        "CLI-3, CLI-4, CLI-6, CLI-8, HWM-03: queued from the connect on, up to the mark; without a peer it would block"
    )
    func clientBlocks() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let client = try scene.open(ClientSocket.self, { $0.sendHighWaterMark = 2 }, handler: recorder)
            #expect(try client.send("absent") == .wouldBlock)
            let endpoint = try scene.freshEndpoint()
            try client.connect(endpoint)
            #expect(recorder.writableCount == 1)
            for number in 0..<2 { #expect(try client.send("\(number)") == .accepted) }
            #expect(try client.send("2") == .wouldBlock)
            let server = try scene.open(ServerSocket.self)
            try server.bind(endpoint)
            #expect(try (0..<2).map { _ in try scene.receive(server)[1].string } == ["0", "1"])
            try scene.wait("room") { recorder.writableCount == 2 }
        }
    }

    @Test("CLI-5, CLI-9: a CLIENT keeps what it has queued for an endpoint over a reconnect", arguments: [0, 1])
    func reconnects(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let client = try scene.open(ClientSocket.self)
            var server = try scene.open(ServerSocket.self)
            let endpoint = try server.bind(freeEndpoint())
            try scene.connect(client, to: server)
            try scene.close(server)
            try scene.wait("the end") { client.peerCount == 0 }
            #expect(try client.send("kept") == .accepted)
            server = try scene.open(ServerSocket.self)
            try server.bind(endpoint)
            #expect(try scene.receive(server)[1] == "kept")
        }
    }

    @Test("messages go to closures, handlers and tasks alike")
    func forms() throws {
        try withScene { scene in
            let server = try scene.open(ServerSocket.self) { server, message in
                _ = try? server.send("\(message[1].string)!", to: message[0])
            }
            let client = try scene.open(ClientSocket.self)
            try scene.connect(client, to: server)
            let records = Recorder()
            let task = scene.task(records) { _ in
                try await client.sendWhenReady("hello")
                for try await message in client.messages { records.add(message) }
            }
            try scene.wait(for: 1, entriesOf: records)
            task.cancel()
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts == ["hello!", "ECANCELED"])
        }
    }

    @Test("a thousand CLIENTs each get their own replies, whatever the transport", arguments: [Road.ipc, .inproc])
    func thousand(road: Road) throws {
        try withScene { scene in
            let count = 1000
            let server = try scene.open(ServerSocket.self) { server, message in _ = try? server.send(message) }
            try server.bind(road.endpoint)
            var replies = 0
            let clients = try (0..<count).map { number in
                let client = try scene.open(ClientSocket.self) { client, message in
                    #expect(message == "\(number)")
                    replies += 1
                }
                try client.connect(server.lastEndpoint!)
                #expect(try client.send("\(number)") == .accepted)
                return client
            }
            try scene.run(until: { replies == count }, "all replies", within: .seconds(60))
            #expect(server.peerCount == count && clients.count == count)
        }
    }
}
