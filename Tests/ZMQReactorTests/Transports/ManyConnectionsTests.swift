import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Thousands of peers on one socket (CTX-06).
struct ManyConnectionsTests {
    // The reactor does not run meanwhile: a connection for which the system has no room is never established.
    @Test(
        "a thousand clients that connect at once are connected before any is accepted, and then all served",
        arguments: [Road.tcp, .ipc]
    )
    func thousandAtOnce(over road: Road) async {
        await #expect(processExitsWith: .success) { [road] in
            try raiseDescriptorLimit(to: 4096)
            try withScene(in: Context()) { scene in
                let pull = try scene.pull()
                let endpoint = try pull.bind(road.endpoint)
                let peers = try (0..<1000).map { _ in try RawPeer(connectingTo: endpoint) }
                try waitUntil("a thousand connections") { peers.allSatisfy(\.isConnected) }
                for peer in peers { peer.shakeHands(as: "PUSH") }
                try scene.run(until: { pull.peerCount == 1000 }, "a thousand peers", within: .seconds(60))
            }
        }
    }

    @Test func CTX06_fiveThousandPeersAreServed() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            try raiseDescriptorLimit(to: 12_000)
            let count = 5000
            let reactor = try Reactor()
            defer { reactor.closeSockets() }
            let pull = try PullSocket(on: reactor, in: Context.ofTests())
            let endpoint = try pull.bind("tcp://127.0.0.1:*")
            var peers: [RawPeer] = []
            peers.reserveCapacity(count)
            func connect(upTo total: Int) throws {
                while peers.count < total {
                    // In portions: the backlog is limited.
                    let portion = min(500, total - peers.count)
                    for _ in 0..<portion {
                        peers.append(try RawPeer(endpoint))
                        peers.last!.shakeHands(as: "PUSH")
                    }
                    try reactor.run(until: { pull.peerCount == peers.count }, "the peers", within: .seconds(60))
                }
            }
            // The first ones pay for shared memory, too.
            try connect(upTo: 500)
            let before = try ProcessResources.memoryInUse()
            try connect(upTo: count)
            let perPeer = (try ProcessResources.memoryInUse() - before) / (count - 500)
            print("memory per idle connection: \(perPeer) bytes")
            // libzmq uses about 28 KiB.
            #expect(perPeer <= 4096)

            for peer in peers { peer.send(Wire.message("hello")) }
            try reactor.run(until: { pull.statistics.messagesReceived == count }, "all messages", within: .seconds(60))
            #expect(pull.connections.count == count)
            for peer in peers { peer.hangUp() }
            try reactor.run(until: { pull.connections.isEmpty }, "all to be gone", within: .seconds(60))
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        for line in output.split(separator: "\n") where line.hasPrefix("memory") { print(line) }
    }
}
