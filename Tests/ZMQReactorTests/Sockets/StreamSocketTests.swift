import EventReactor
import Testing
import ZMQReactor
import ZMQReactorTestSupport

@Suite struct StreamSocketTests {
    private func text(_ messages: [Message]) -> String { messages.map { $0[1].string }.joined() }

    @Test("RAW-05: bytes in and out, exactly") func bytes() throws {
        try withScene { scene in
            var received: [Message] = []
            let stream = try scene.stream { received.append($1) }
            stream.deliversNotices = false
            let peer = try RawPeer(stream.bind("tcp://127.0.0.1:*"))
            peer.send([0xFF, 0, 13, 10])
            try scene.run(until: { !received.isEmpty })
            #expect(received.count == 1 && received[0].count == 2)
            #expect(Array(received[0][1]) == [0xFF, 0, 13, 10])
            let id = received[0][0]
            #expect(try stream.send([id, [0, 1], "", [2]]) == .accepted)
            #expect(try stream.send("text", to: id) == .accepted)
            #expect(try stream.send([UInt8](repeating: 7, count: 50_000), to: id) == .accepted)
            let expected = [0, 1, 2] + Array("text".utf8) + [UInt8](repeating: 7, count: 50_000)
            #expect(try peer.receive(expected.count, scene) == expected)
            try peer.receiveNothing(scene)
            #expect(stream.statistics.messagesSent == 3)
        }
    }

    @Test("RAW-05: large inputs arrive completely and in order, from several peers") func large() throws {
        try withScene { scene in
            var byPeer: [Frame: [UInt8]] = [:]
            let stream = try scene.stream { byPeer[$1[0].copy(), default: []] += $1[1] }
            let endpoint = try stream.bind("tcp://127.0.0.1:*")
            let inputs = (1...3).map { number in (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / number) } }
            let peers = try inputs.map { _ in try RawPeer(endpoint) }
            for start in stride(from: 0, to: 300_000, by: 30_000) {
                for (peer, input) in zip(peers, inputs) { peer.send(Array(input[start..<(start + 30_000)])) }
                scene.run(for: .milliseconds(1))
            }
            try scene.run(until: { byPeer.values.allSatisfy { $0.count == 300_000 } && byPeer.count == 3 })
            #expect(Set(byPeer.values) == Set(inputs))
        }
    }

    @Test("RAW-06: routing ids have 5 bytes, the first 0, and differ") func ids() throws {
        try withScene { scene in
            var ids: Set<Frame> = []
            let stream = try scene.stream { ids.insert($1[0].copy()) }
            let endpoint = try stream.bind("tcp://127.0.0.1:*")
            let peers = try (0..<10).map { _ in try RawPeer(endpoint) }
            try scene.run(until: { ids.count == peers.count })
            #expect(ids.allSatisfy { $0.count == 5 && $0[0] == 0 })
        }
    }

    @Test("RAW-06: an empty part when a peer connects and when it disconnects") func notices() throws {
        try withScene { scene in
            var received: [Message] = []
            let stream = try scene.stream { received.append($1) }
            let endpoint = try stream.bind("tcp://127.0.0.1:*")
            do {
                let peer = try RawPeer(endpoint)
                peer.send("x")
                try scene.run(until: { received.count == 2 })
            }
            try scene.run(until: { received.count == 3 })
            #expect(received.map { $0[1].string } == ["", "x", ""])
            #expect(Set(received.map { $0[0] }).count == 1)
            #expect(received.allSatisfy { $0.count == 2 })
            #expect(stream.peerCount == 0)
        }
    }

    @Test("RAW-06: no notices when they are switched off") func withoutNotices() throws {
        try withScene { scene in
            var received: [Message] = []
            let stream = try scene.stream { received.append($1) }
            stream.deliversNotices = false
            let endpoint = try stream.bind("tcp://127.0.0.1:*")
            do {
                let peer = try RawPeer(endpoint)
                peer.send("x")
                try scene.run(until: { stream.peerCount == 1 })
            }
            try scene.run(until: { stream.peerCount == 0 && !received.isEmpty })
            #expect(received.map { $0[1].string } == ["x"])
        }
    }

    @Test("RAW-06: an empty part closes the connection behind queued messages, and only that one") func close() throws {
        try withScene { scene in
            var received: [Message] = []
            let stream = try scene.stream { received.append($1) }
            let endpoint = try stream.bind("tcp://127.0.0.1:*")
            let first = try RawPeer(endpoint)
            try scene.run(until: { received.count == 1 })
            let other = try RawPeer(endpoint)
            try scene.run(until: { received.count == 2 })
            let id = received[0][0]
            #expect(try stream.send([id, "bye"]) == .accepted)
            #expect(try stream.send([id, ""]) == .accepted)
            // From here on it is gone for the application.
            #expect(try stream.send("lost", to: id) == .accepted)
            #expect(stream.statistics.messagesDropped == 1)
            #expect(try first.receiveAll(scene) == Array("bye".utf8))
            try scene.run(until: { received.count == 3 })
            #expect(received[2] == [id, ""])
            #expect(try stream.send("on", to: received[1][0]) == .accepted)
            #expect(try other.receive(2, scene) == Array("on".utf8))
        }
    }

    @Test("RAW-07: a client of a plain server") func client() throws {
        try withScene { scene in
            var received: [Message] = []
            let stream = try scene.stream { received.append($1) }
            let server = try RawListener()
            try stream.connect(server.endpoint)
            let id = try #require(stream.routingID(of: server.endpoint))
            #expect(stream.routingID(of: "tcp://127.0.0.1:1") == nil)
            // Before there is a connection: it waits for it.
            #expect(try stream.send("login\r\n", to: id) == .accepted)
            let peer = try server.accept(scene.reactor)
            #expect(try peer.receive(7, scene) == Array("login\r\n".utf8))
            peer.send("password: ")
            try scene.run(until: { text(received) == "password: " })
            #expect(received.allSatisfy { $0[0] == id })
            try stream.hangUp(on: id)
            #expect(try peer.receiveAll(scene) == [])
            try scene.run(until: { stream.routingID(of: server.endpoint) == nil })
        }
    }

    @Test(
        "RAW-07: a lost server is reconnected under the same id, and messages for the old connection are dropped"
    )
    func reconnect() throws {
        try withScene { scene in
            var received: [Message] = []
            let stream = try scene.stream({
                ($0.reconnectInterval, $0.sendHighWaterMarkBytes) = (.milliseconds(1), nil)
            }) { received.append($1) }
            let server = try RawListener()
            try stream.connect(server.endpoint)
            var accepted = 0
            do {
                let first = try server.accept(scene.reactor)
                try scene.run(until: { received.count == 1 })
                let id = received[0][0]
                while try stream.send([UInt8](repeating: 1, count: 100_000), to: id) == .accepted { accepted += 1 }
                first.hangUp()
            }
            try scene.run(until: { stream.statistics.messagesDropped > 0 })
            let peer = try server.accept(scene.reactor)
            try scene.run(until: { received.count == 3 })
            #expect(Set(received).count == 1)
            #expect(try stream.send("again", to: received[0][0]) == .accepted)
            #expect(try peer.receive(5, scene) == Array("again".utf8))
            #expect(stream.statistics.messagesSent + stream.statistics.messagesDropped == accepted + 1)
            #expect(accepted >= 1000)
        }
    }

    @Test("for an unknown peer: dropped and counted, or an error") func unknown() throws {
        try withScene { scene in
            let stream = try scene.stream()
            let unknown: [Frame] = [[0, 1, 2, 3, 4], [1, 0, 0, 0, 0], [0, 0, 0, 0], "", [0, 0, 0, 0, 0, 0]]
            for id in unknown { #expect(try stream.send("x", to: id) == .accepted) }
            #expect(stream.statistics.messagesDropped == unknown.count)
            stream.isMandatory = true
            for id in unknown {
                let error = #expect(throws: ZMQError.self) { try stream.send([id, ""]) }
                #expect(error?.code == .hostUnreachable)
            }
            let error = #expect(throws: ZMQError.self) { try stream.send("alone") }
            #expect(error?.code == .invalidArgument)
            stream.close()
            let closed = #expect(throws: ZMQError.self) { try stream.send([unknown[0], "x"]) }
            #expect(closed?.code == .closed)
        }
    }

    @Test("TOP-28: there are no plain byte streams over inproc, which is an error at once") func inproc() throws {
        try withScene { scene in
            let stream = try scene.stream()
            for call in [{ _ = try stream.bind($0) }, { try stream.connect($0) }] as [(String) throws -> Void] {
                let error = #expect(throws: ZMQError.self) { try call("inproc://raw") }
                #expect(error?.code == .incompatibleProtocol)
                #expect(error?.endpoint == "inproc://raw")
            }
        }
    }
}
