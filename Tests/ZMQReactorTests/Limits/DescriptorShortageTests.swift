import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A process without descriptors continues serving, rejects new peers, and neither spins nor stalls.
@Suite(.hangLimit) struct DescriptorShortageTests {
    /// Uses up all descriptors but `count`. The test runner's own threads may free some later.
    private static func take(allBut count: Int) -> [CInt] {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_cur, 400)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var taken: [CInt] = []
        while case let descriptor = dup(STDIN_FILENO), descriptor >= 0 { taken.append(descriptor) }
        for _ in 0..<min(count, taken.count) { close(taken.removeLast()) }
        return taken
    }

    @Test(arguments: [0, 1])
    func connectionsAreRefusedAndCounted(ioThreads: Int) async {
        await #expect(processExitsWith: .success) { [ioThreads] in
            let context = Context(ioThreads: ioThreads)
            let reactor = try Reactor()
            let pull = try PullSocket(on: reactor, in: context)
            var limits: [SocketLimit] = []
            pull.onEvent = { if let limit = $1.reason?.limit { limits.append(limit) } }
            let endpoint = try pull.bind(anyPort)
            let good = try RawPeer(endpoint)
            good.shakeHands(as: "PUSH")
            try reactor.run(until: { pull.peerCount == 1 })
            // They connect before any is accepted.
            guard let address = try Endpoint(anyPort).address as? TCPEndpoint else { fatalError() }
            let listening = try TCPTransport(address: address).listen(SocketOptions())
            var peers = try (0..<8).map { _ in try RawPeer("\(listening.endpoint)") }
            for peer in peers { peer.shakeHands(as: "PUSH") }
            // One is kept for rejecting.
            let taken = DescriptorShortageTests.take(allBut: 1 + 3)
            try pull.bind(listening: listening.descriptor)
            func open() -> [RawPeer] {
                peers.filter {
                    $0.poll()
                    return !$0.isClosed
                }
            }
            // Three are accepted, or one more for each descriptor that the test runner has freed.
            func refusals() -> Int { pull.statistics.limits[.descriptors] }
            try reactor.run(
                until: { pull.peerCount + refusals() == 9 && open().count == pull.peerCount - 1 },
                "the others to be refused"
            )
            precondition((3...5).contains(refusals()), "\(refusals()) refusals")
            // One event a second.
            try reactor.run(until: { !limits.isEmpty && limits.allSatisfy { $0 == .descriptors } }, "an event")
            let accepted = pull.peerCount
            good.send(Wire.message("hello"))
            try reactor.run(until: { pull.statistics.messagesReceived == 1 })
            // One disconnects, and another one takes its place.
            peers = open()
            peers.removeLast()
            try reactor.run(until: { pull.peerCount == accepted - 1 })
            close(taken[0])
            let next = try RawPeer(endpoint)
            next.shakeHands(as: "PUSH")
            try reactor.run(until: { pull.peerCount == accepted })
            reactor.closeSockets()
            exit(0)
        }
    }

    @Test func acceptingResumesWithoutEvenADescriptorForRejecting() async {
        await #expect(processExitsWith: .success) {
            // In a separate function: at the exit, the leak checker does not see memory held by weak references.
            try DescriptorShortageTests.startWithoutDescriptors()
            exit(0)
        }
    }

    private static func startWithoutDescriptors() throws {
        let reactor = try Reactor()
        let pull = try PullSocket(on: reactor, in: Context())
        let endpoint = try pull.bind(anyPort)
        let acceptor = pull.listeners[0].acceptor as! ByteStreamAcceptor
        let peers = try (0..<4).map { _ in try RawPeer(endpoint) }
        for peer in peers { peer.shakeHands(as: "PUSH") }
        precondition(acceptor.spare.giveUp())
        var taken = DescriptorShortageTests.take(allBut: 0)
        // A descriptor that the test runner frees meanwhile is taken, too, or goes to one of the peers.
        try reactor.run(
            until: {
                taken += DescriptorShortageTests.take(allBut: 0)
                return acceptor.watcher?.interest == []
            },
            "a pause"
        )
        let early = pull.peerCount
        precondition(early < peers.count)
        // It retries every tenth of a second, and not at every turn.
        var (turns, isOver) = (0, false)
        reactor.after(.milliseconds(400)) { _ in isOver = true }
        while !isOver {
            reactor.run(.once)
            turns += 1
        }
        precondition(turns < 100, "\(turns) turns")
        precondition(pull.statistics.limits[.descriptors] == 0)
        for descriptor in taken.prefix(8) { close(descriptor) }
        try reactor.run(
            until: { pull.peerCount == peers.count && acceptor.spare.isKept },
            "the peers, and a spare descriptor"
        )
        for descriptor in taken.dropFirst(8) { close(descriptor) }
        reactor.closeSockets()
    }
}
