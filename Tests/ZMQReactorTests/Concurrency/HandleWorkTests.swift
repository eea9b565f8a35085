import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// What a handle costs while recipients take nothing.
@Suite(.hangLimit)
struct HandleWorkTests {
    private static let block = Message([UInt8](repeating: 1, count: 1000))

    /// A SERVER with peers that read nothing, for each of which its handle has accepted as much as it does.
    private final class Stuck {
        let server: ServerSocket
        let outlet: Outlet
        let clients: [RawPeer]
        private(set) var accepted = 0

        init(_ count: Int, _ scene: Scene) throws {
            let server = try scene.open(ServerSocket.self) { $0.sendHighWaterMark = 5 }
            self.server = server
            let counter = Counter()
            outlet = server.outletOrMake { [unowned server] message throws(ZMQError) in
                counter.count += 1
                return try server.send(message)
            }
            clients = try (0..<count).map { _ in try scene.rawPeer("CLIENT", of: server, receiveBuffer: 200) }
            self.counter = counter
            for number in server.peers.numbers {
                while try server.handle.send(HandleWorkTests.block, to: Frame(integer: number)) == .accepted {
                    accepted += 1
                    scene.settle(.milliseconds(1))
                }
            }
        }

        private final class Counter { var count = 0 }
        private let counter: Counter

        /// How often the socket has been given a message since the last call.
        func takeAttempts() -> Int {
            defer { counter.count = 0 }
            return counter.count
        }
    }

    @Test("SRV-7, TS-5: clients that do not read cost nothing for what is for others, and get all in the end")
    func stuckClients() throws {
        try withVirtualScene { scene in
            let (count, messages) = (100, 50)
            let stuck = try Stuck(count, scene)
            let known = Set(stuck.server.peers.numbers)
            let fast = try scene.open(ClientSocket.self)
            try scene.connect(fast, to: stuck.server)
            let id = try #require(stuck.server.peers.numbers.first { !known.contains($0) })
            _ = stuck.takeAttempts()
            for number in 0..<messages {
                #expect(try stuck.server.handle.send("\(number)", to: Frame(integer: id)) == .accepted)
                #expect(try scene.receive(fast).string == "\(number)")
            }
            #expect(stuck.takeAttempts() == messages)
            try scene.wait("everything to arrive") {
                for client in stuck.clients { client.poll() }
                return stuck.outlet.count == 0 && stuck.server.unsentMessages == 0
            }
            // No more than one attempt in vain each time that a queue of five is half empty.
            #expect(stuck.takeAttempts() <= 2 * stuck.accepted)
            #expect(stuck.server.statistics.messagesSent == stuck.accepted + messages)
        }
    }

    @Test("SRV-6: what waits for a client that is gone is dropped and counted, and nothing else")
    func clientsGone() throws {
        try withVirtualScene { scene in
            let stuck = try Stuck(3, scene)
            let held = stuck.outlet.count
            #expect(held == 3 * 5)
            stuck.clients[0].reset()
            try scene.wait("its end") { stuck.server.peerCount == 2 && stuck.outlet.count < held }
            #expect(stuck.outlet.count == 2 * 5)
            let sent = stuck.server.statistics.messagesSent
            #expect(stuck.server.statistics.dropped[.peerGone] == stuck.accepted - sent - stuck.server.unsentMessages)
        }
    }
}
