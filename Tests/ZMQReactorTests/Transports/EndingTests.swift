import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// How connections end, and what remains of them.
struct EndingTests {
    @Test(arguments: Road.wire)
    func disconnectSendsWhatIsQueuedFirst(road: Road) throws {
        try withScene { scene in
            let endpoint = try road.freshEndpoint()
            let push = try scene.push()
            try push.connect(endpoint)
            for number in 0..<10 { #expect(try push.send("\(number)") == .accepted) }
            var report: CloseReport?
            try push.disconnect(endpoint) { report = $0 }
            #expect(try push.send("late") == .wouldBlock)
            scene.settle()
            #expect(report == nil)
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            try pull.bind(endpoint)
            try scene.run(until: { report != nil && inbox.count == 10 })
            #expect(report?.unsentMessages == 0)
            #expect(inbox.texts == (0..<10).map { "\($0)" })
        }
    }

    @Test(arguments: Road.allCases)
    func nothingMoreIsQueuedForADisconnectedEndpoint(road: Road) throws {
        try withScene { scene in
            let endpoint = try road.freshEndpoint()
            let push = try scene.push()
            try push.connect(endpoint)
            #expect(try push.send("first") == .accepted)
            try push.disconnect(endpoint)
            #expect(try push.send("late") == .wouldBlock)
        }
    }

    @Test(arguments: [SocketOptions.Linger.none, .atMost(.milliseconds(30))])
    func disconnectReportsWhatWasNotSent(linger: SocketOptions.Linger) throws {
        try withTimedScene { scene in
            let endpoint = try scene.freshEndpoint()
            let push = try scene.push { $0.linger = linger }
            try push.connect(endpoint)
            for _ in 0..<5 { #expect(try push.send("x") == .accepted) }
            var report: CloseReport?
            try push.disconnect(endpoint) { report = $0 }
            #expect(report == nil)
            try scene.run(until: { report != nil })
            #expect(report?.unsentMessages == 5)
            #expect(push.statistics.messagesDropped == 5)
            #expect(push.messagesQueued == 0 && push.connectors.isEmpty)
        }
    }

    @Test func disconnectGivesUpAtOnceOnRequest() throws {
        try withScene { scene in
            let endpoint = try freeEndpoint()
            let push = try scene.push { ($0.reconnectStop, $0.linger) = (.afterDisconnect, .untilSent) }
            try push.connect(endpoint)
            #expect(try push.send("x") == .accepted)
            var report: CloseReport?
            try push.disconnect(endpoint) { report = $0 }
            try scene.run(until: { report != nil }, within: .seconds(2))
            #expect(report?.unsentMessages == 1)
        }
    }

    @Test func descriptorsAndMemoryAreReleasedAfterAThousandConnections() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            let context = Context.ofTests()
            for endpoint in ["tcp://127.0.0.1:*", Unique.ipcEndpoint()] {
                let pull = try PullSocket(on: reactor, in: context)
                let bound = try pull.bind(endpoint)
                func round(_ count: Int) throws {
                    for number in 1...count {
                        let push = try PushSocket(on: reactor, in: context)
                        try push.connect(bound)
                        #expect(try push.send("x") == .accepted)
                        var isClosed = false
                        push.close { _ in isClosed = true }
                        try reactor.run(until: { isClosed })
                        if number % 100 == 0 { try reactor.run(until: { pull.connections.isEmpty }) }
                        while try pull.tryReceive() != nil {}
                    }
                    try reactor.run(until: { pull.connections.isEmpty })
                    while try pull.tryReceive() != nil {}
                }
                try round(200)
                let (descriptors, memory) = (
                    ProcessResources.openDescriptorCount(), try ProcessResources.memoryInUse()
                )
                try round(1000)
                #expect(ProcessResources.openDescriptorCount() == descriptors)
                #expect(try ProcessResources.memoryInUse() - memory < 512 * 1024)
                #expect(pull.statistics.messagesReceived == 1200)
                var isClosed = false
                pull.close { _ in isClosed = true }
                try reactor.run(until: { isClosed })
            }
        }
    }
}
