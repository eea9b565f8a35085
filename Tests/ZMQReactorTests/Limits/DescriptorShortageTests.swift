import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A process without descriptors continues serving, rejects new peers, and neither spins nor stalls.
@Suite(.hangLimit) struct DescriptorShortageTests {
    /// Uses up all descriptors but `count`. The test runner's own threads may free some later.
    static func take(allBut count: Int) -> [CInt] {
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
        let clock = ManualClock()
        let reactor = try Reactor(clock: clock)
        let pull = try PullSocket(on: reactor, in: Context())
        let endpoint = try pull.bind(anyPort)
        let acceptor = pull.listeners[0].acceptor as! ByteStreamAcceptor
        let peers = try (0..<4).map { _ in try RawPeer(endpoint) }
        for peer in peers { peer.shakeHands(as: "PUSH") }
        check(acceptor.spare.giveUp())
        var taken = DescriptorShortageTests.take(allBut: 0)
        func wait(_ what: String, _ condition: () -> Bool) throws {
            try waitUntil(what) {
                reactor.run(.nowait)
                return condition()
            }
        }
        // A descriptor that the test runner frees meanwhile is taken, too, or goes to one of the peers.
        try wait("a pause") {
            taken += DescriptorShortageTests.take(allBut: 0)
            return acceptor.watcher?.interest == []
        }
        // It retries every tenth of a second, and not at every turn.
        for _ in 0..<4 {
            clock.advance(by: .milliseconds(99))
            for _ in 0..<10 { reactor.run(.nowait) }
            #expect(acceptor.watcher?.interest == [])
            clock.advance(by: .milliseconds(1))
            // A library that had opened one for a moment may have closed it since.
            taken += DescriptorShortageTests.take(allBut: 0)
            reactor.run(.nowait)
            #expect(acceptor.watcher?.interest == .readable)
            try wait("the next pause") { acceptor.watcher?.interest == [] }
        }
        #expect(pull.statistics.limits[.descriptors] == 0)
        for descriptor in taken.prefix(8) { close(descriptor) }
        clock.advance(by: .milliseconds(100))
        try wait("the peers, and a spare descriptor") { pull.peerCount == peers.count && acceptor.spare.isKept }
        for descriptor in taken.dropFirst(8) { close(descriptor) }
        reactor.closeSockets()
    }
}
