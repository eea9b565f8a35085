import EventReactor
import Testing
import ZMQReactor
import ZMQReactorTestSupport

/// Other protocols over a STREAM socket.
@Suite struct StreamServiceTests {
    /// Replies to each HTTP request with its own first line, and closes.
    private func httpServer(in scene: Scene) throws -> (StreamSocket, String) {
        var requests: [Frame: String] = [:]
        let stream = try scene.stream { socket, message in
            let id = message[0].copy()
            guard !message[1].isEmpty else { return requests[id] = nil }
            requests[id, default: ""] += message[1].string
            guard let request = requests[id], request.contains("\r\n\r\n") else { return }
            let body = String(request.prefix { $0 != "\r\n" })
            let head = "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
            _ = try? socket.send(head + body, to: id)
            try? socket.hangUp(on: id)
        }
        return (stream, try stream.bind("tcp://127.0.0.1:*"))
    }

    @Test("RAW-05: an HTTP client is served") func http() throws {
        try withScene { scene in
            let (_, endpoint) = try httpServer(in: scene)
            let program = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"
            let url = "http" + endpoint.dropFirst(3) + "/hello"
            let clients = try (0..<3).map { _ in try ChildProcess("python3", ["-c", program, url]) }
            try scene.run(until: { clients.allSatisfy { $0.exitStatus != nil } }, within: .seconds(20))
            for client in clients {
                try client.expectExit()
                try client.expectOutput("GET /hello HTTP/1.1\n")
            }
        }
    }

    @Test("RAW-05: a request that arrives byte by byte is served") func slowHTTP() throws {
        try withScene { scene in
            let (_, endpoint) = try httpServer(in: scene)
            let peer = try RawPeer(endpoint)
            for byte in "GET / HTTP/1.1\r\n\r\n".utf8 {
                peer.send([byte])
                scene.run(for: .milliseconds(1))
            }
            let answer = try String(decoding: peer.receiveAll(scene), as: UTF8.self)
            #expect(answer.hasSuffix("\r\n\r\nGET / HTTP/1.1"))
        }
    }

    @Test("RAW-05, RAW-07: a telnet-like server and its client, both STREAM") func telnet() throws {
        try withScene { scene in
            var lines: [Frame: String] = [:]
            let server = try scene.stream { socket, message in
                let id = message[0].copy()
                if message[1].isEmpty, lines.removeValue(forKey: id) == nil {
                    lines[id] = ""
                    _ = try? socket.send("name? ", to: id)
                }
                lines[id]? += message[1].string
                while let line = lines[id], let end = line.firstIndex(of: "\r\n") {
                    _ = try? socket.send("hello \(line[..<end])\r\n", to: id)
                    lines[id] = String(line[line.index(after: end)...])
                }
            }
            var heard = ""
            let client = try scene.stream { socket, message in
                heard += message[1].string
                if message[1] == "name? " { _ = try? socket.send("Ann\r\nBob\r\n", to: message[0]) }
            }
            try client.connect(server.bind("tcp://127.0.0.1:*"))
            try scene.run(until: { heard == "name? hello Ann\r\nhello Bob\r\n" })
        }
    }

    @Test("libzmq's STREAM, and ours, in both directions") func libzmq() throws {
        try withScene { scene in
            let peer = try LibzmqPeer(.stream)
            var received: [Message] = []
            let stream = try scene.stream { received.append($1) }
            try stream.connect(peer.bind())
            let notice = try scene.reactor.run(until: peer.receiving())
            #expect(notice.count == 2 && notice[0].count == 5 && notice[1].isEmpty)
            try scene.run(until: { received.count == 1 })
            #expect(try stream.send("to libzmq", to: received[0][0]) == .accepted)
            #expect(try scene.reactor.run(until: peer.receiving()) == [notice[0], Array("to libzmq".utf8)])
            try peer.send(.bytes(notice[0]), "to us")
            try scene.run(until: { received.count == 2 })
            #expect(received[1] == [received[0][0], "to us"])
        }
    }
}
