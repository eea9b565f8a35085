import Foundation
import Testing
import ZMQReactor
import ZMQReactorTesting

@testable import Clone

@Suite(.timeLimit(.minutes(5)))
struct CloneTests {
    @Test("all clones are equal at the end and have every value, though the server and clients are killed")
    func killedParts() throws {
        let reactor = try Reactor()
        let folder = try TestFolder()
        let (prefix, journal) = ("ipc://\(folder.path)/clone", "\(folder.path)/journal")
        func server() throws -> Program {
            try Program("clone-server", "--bind", prefix, "--journal", journal, on: reactor)
        }
        func client() throws -> Program { try Program("clone-client", "--connect", prefix, on: reactor) }
        var theServer = try server()
        var clients = try (0..<4).map { _ in try client() }
        var expected: [String: String] = [:]
        /// Each client sets a value of its own, again and again.
        func set(_ value: Int) throws {
            for (number, client) in clients.enumerated() {
                try client.type("client\(number)=\(value)")
                expected["client\(number)"] = "\(value)"
            }
        }
        func waitUntilEqual() throws {
            let text = expected.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            let line = "\(expected.count) values: \(text)"
            try reactor.run(until: { clients.allSatisfy { $0.lines.last == line } }, "all to have \(line)")
        }

        for value in 0..<200 { try set(value) }
        try waitUntilEqual()
        // What is set while there is no server arrives at the next one.
        for value in 200..<300 { try set(value) }
        theServer.kill()
        for value in 300..<400 { try set(value) }
        theServer = try server()
        for value in 400..<500 { try set(value) }
        try waitUntilEqual()
        // A client that joins late has everything, and changes go on when one is killed.
        clients.append(try client())
        clients[0].kill()
        clients[0] = try client()
        for value in 500..<600 { try set(value) }
        try waitUntilEqual()
        theServer.kill()
        theServer = try server()
        clients.append(try client())
        try clients[1].type("client0=")
        expected["client0"] = nil
        try waitUntilEqual()
    }

    @Test("clients that join while values change, and whose connections break, have all of them in the end")
    func joining() throws {
        try withTestScene { scene in
            let endpoints = CloneEndpoints(prefix: "memory://map")
            let server = try CloneServer(at: endpoints, journal: nil, on: scene.reactor, in: scene.context)
            scene.reactor.task { _ in try await server.run() }
            var clients: [CloneClient] = []
            func join() throws {
                let client = try CloneClient(of: endpoints, on: scene.reactor, in: scene.context)
                scene.reactor.task { _ in try await client.run() }
                clients.append(client)
            }
            scene.network.delay = .milliseconds(20)
            try join()
            for number in 0..<300 {
                clients[number % clients.count].set("key\(number)", to: Array("\(number)".utf8))
                if number % 10 == 5 { try join() }
                if number % 50 == 49 { scene.network.connections.filter(\.isOpen).last?.reset() }
                scene.run(for: .milliseconds(3))
            }
            try scene.run(until: {
                clients.allSatisfy { $0.isCurrent && $0.pendingCount == 0 && $0.entries.count == 300 }
            })
            #expect(clients.allSatisfy { $0.entries == clients[0].entries && $0.sequence == clients[0].sequence })
            #expect(clients[0].entries["key299"] == Array("299".utf8))
        }
    }
}
