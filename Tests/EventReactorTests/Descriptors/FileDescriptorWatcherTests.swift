import EventReactor
import Glibc
import Testing

@Suite struct FileDescriptorWatcherTests {
    @Test func readinessIsAStateNotAnEdge() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        var calls = 0
        try reactor.watch(pair.a, for: .readable) { _, ready in
            #expect(ready == .readable)
            calls += 1
        }
        turns(3, of: reactor)
        #expect(calls == 0)
        pair.poke()
        turns(3, of: reactor)
        #expect(calls == 3)
        pair.take()
        turns(3, of: reactor)
        #expect(calls == 3)
    }

    @Test func bothDirectionsComeInOneCall() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        pair.poke()
        var seen: [Readiness] = []
        try reactor.watch(pair.a, for: [.readable, .writable]) { _, ready in seen.append(ready) }
        turns(1, of: reactor)
        #expect(seen == [[.readable, .writable]])
    }

    @Test func hangUpIsReadable() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        var seen: [Readiness] = []
        try reactor.watch(pair.a, for: .readable) { _, ready in seen.append(ready) }
        pair.closeB()
        turns(1, of: reactor)
        #expect(seen == [.readable])
    }

    @Test func handlerObjectIsCalledAndKeptUntilCancelled() throws {
        final class Handler: FileDescriptorHandler {
            var calls = 0
            var watcher: FileDescriptorWatcher?
            func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) { calls += 1 }
        }
        let reactor = try Reactor()
        let pair = SocketPair()
        pair.poke()
        weak var weakHandler: Handler?
        var watcher: FileDescriptorWatcher?
        do {
            let handler = Handler()
            weakHandler = handler
            watcher = try reactor.watch(pair.a, for: .readable, handler: handler)
            handler.watcher = watcher
        }
        turns(2, of: reactor)
        #expect(weakHandler?.calls == 2)
        #expect(watcher?.isActive == true)
        watcher?.cancel()
        #expect(watcher?.isActive == false)
        #expect(weakHandler == nil, "handler and watcher refer to each other, and yet there is no cycle")
        watcher?.cancel()
        turns(1, of: reactor)
    }

    @Test func anUnreferencedWatcherStaysActive() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        var calls = 0
        try reactor.watch(pair.a, for: .readable) { _, _ in calls += 1 }
        pair.poke()
        turns(2, of: reactor)
        #expect(calls == 2)
    }

    @Test func oneCallPerTurnForEachOfManyBusyDescriptors() throws {
        let reactor = try Reactor()
        let pairs = (0..<40).map { _ in SocketPair() }
        var calls = [Int](repeating: 0, count: pairs.count)
        for (index, pair) in pairs.enumerated() {
            for _ in 0..<10 { pair.poke() }
            try reactor.watch(pair.a, for: .readable) { _, _ in
                calls[index] += 1
                pair.take()
            }
        }
        for turn in 1...10 {
            turns(1, of: reactor)
            #expect(calls.allSatisfy { $0 == turn })
        }
    }

    @Test func moreDescriptorsThanOnePollTakes() throws {
        let reactor = try Reactor()
        let pairs = (0..<200).map { _ in SocketPair() }
        var served: Set<CInt> = []
        for pair in pairs {
            pair.poke()
            try reactor.watch(pair.a, for: .readable) { watcher, _ in
                served.insert(watcher.descriptor)
                pair.take()
            }
        }
        run(reactor, until: { served.count == pairs.count })
    }

    @Test func severalWatchersOfOneDescriptor() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        pair.poke()
        var log: [String] = []
        let reader = try reactor.watch(pair.a, for: .readable) { _, ready in log.append("reader: \(ready)") }
        try reactor.watch(pair.a, for: .writable) { _, ready in log.append("writer: \(ready)") }
        turns(1, of: reactor)
        #expect(log.sorted() == ["reader: readable", "writer: writable"])
        log = []
        reader.cancel()
        turns(1, of: reactor)
        #expect(log == ["writer: writable"])
    }

    @Test func badDescriptorIsAnErrorThatNamesIt() throws {
        let reactor = try Reactor()
        for number: CInt in [-1, 1_000_000] {
            let error = #expect(throws: ReactorError.self) {
                try reactor.watch(number, for: .readable) { _, _ in }
            }
            #expect(error?.code == .badDescriptor)
            #expect(error?.errnoName == "EBADF")
            #expect(error?.description.contains("descriptor \(number)") == true)
        }
        let path = open("/tmp", 0o10000000 | O_CLOEXEC)
        defer { close(path) }
        let error = #expect(throws: ReactorError.self) { try reactor.watch(path, for: .readable) { _, _ in } }
        #expect(error?.code == .badDescriptor)
        turns(1, of: reactor)
    }

    @Test(arguments: ["/dev/null", "/proc/self/exe"])
    func whatEpollRefusesIsAlwaysReady(path: String) throws {
        let reactor = try Reactor()
        let file = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var calls = 0
        let watcher = try reactor.watch(file, for: .readable) { _, ready in
            #expect(ready == .readable)
            calls += 1
        }
        for _ in 0..<3 { reactor.run(.once) }
        #expect(calls >= 2)
        watcher.cancel()
        let before = calls
        turns(2, of: reactor)
        #expect(calls == before)
    }

    @Test func watcherOutlivesItsReactor() throws {
        let pair = SocketPair()
        var released = false
        var watcher: FileDescriptorWatcher?
        do {
            let reactor = try Reactor()
            let probe = Probe { released = true }
            watcher = try reactor.watch(pair.a, for: .readable) { _, _ in withExtendedLifetime(probe) {} }
        }
        #expect(released)
        #expect(watcher?.isActive == false)
        watcher?.interest = .writable
        watcher?.cancel()
    }
}
