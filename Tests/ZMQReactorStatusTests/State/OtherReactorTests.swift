import Synchronization
import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMQReactorStatus

/// Reactors on other threads.
@Suite(.timeLimit(.minutes(5))) struct OtherReactorTests {
    /// Turns the reactor until the collector has answered.
    private func report(_ collector: Collector, on reactor: Reactor) throws -> Report {
        var found: Report?
        // The interval has passed.
        try reactor.run(until: {
            if found == nil { collector.collect { found = $0 } }
            return found != nil
        })
        return try #require(found)
    }

    @Test("sockets of all threads are shown, with the names of the threads, and I/O threads")
    func threads() throws {
        let reactor = try Reactor()
        let context = Context(ioThreads: 1)
        let log = EventLog(without: 0)
        context.reportEvents(to: log)
        let collector = Collector(on: reactor, of: context, log, without: 0)
        let worker = try Reactor.start(named: "zr-worker") { reactor in
            let pull = try PullSocket(on: reactor, in: context)
            try pull.bind("tcp://127.0.0.1:*")
        }
        let found = try report(collector, on: reactor)
        #expect(found.reactors.map(\.kind) == [.sockets, .sockets, .connections])
        let status = try #require(found.reactors[1].status)
        #expect(status.threadName == "zr-worker" && status.threadID != found.reactors[0].status?.threadID)
        #expect(status.sockets.map(\.type) == [.pull] && found.reactors[1].silence == nil)
        #expect(found.reactors[0].status?.sockets == [])
        #expect(found.reactors[2].status?.threadName == "zmq-io-0")
        #expect(found.events.map(\.event.name) == ["listening"])
        worker.stop()
        worker.join()
        // A reactor that is gone is not shown.
        try reactor.run(
            until: { try report(collector, on: reactor).reactors.count == 2 },
            "the reactor to be forgotten"
        )
        collector.stop()
    }

    @Test("a reactor that is stuck is shown as such, as it was, with one question under way; and then as it is")
    func stuck() throws {
        let reactor = try Reactor()
        let context = Context()
        let collector = Collector(on: reactor, of: context, EventLog(without: 0), without: 0)
        let release = Flag()
        let worker = try Reactor.start(named: "zr-stuck") { reactor in
            let pull = try PullSocket(on: reactor, in: context)
            try pull.bind("inproc://stuck")
        }
        #expect(try report(collector, on: reactor).reactors[1].silence == nil)
        let isStuck = Flag()
        worker.handle.submit { _ in
            isStuck.set()
            try? waitUntil("the release", within: .seconds(100)) { release.isSet }
        }
        try waitUntil { isStuck.isSet }
        var silences: [Duration] = []
        try reactor.run(
            until: {
                let found = try report(collector, on: reactor)
                if let silence = found.reactors[1].silence { silences.append(silence) }
                #expect(found.reactors[1].status?.sockets.count == 1)
                return silences.count >= 3
            },
            "three answers",
            within: .seconds(30)
        )
        #expect(silences == silences.sorted() && silences[0] >= Collector.patience)
        let wakeUps = worker.handle.wakeUps
        #expect(wakeUps < 10)
        release.set()
        try reactor.run(until: { try report(collector, on: reactor).reactors[1].silence == nil }, "an answer")
        collector.stop()
        worker.stop()
        worker.join()
    }

    @Test("a page is asked by a browser while another reactor is stuck: the answer comes")
    func pageBesideStuck() throws {
        let reactor = try Reactor()
        let context = Context()
        let page = try StatusPage(on: reactor, in: context)
        let release = Flag()
        let worker = try Reactor.start { reactor in
            let pull = try PullSocket(on: reactor, in: context)
            try pull.bind("inproc://stuck-too")
        }
        worker.handle.submit { _ in try? waitUntil("the release", within: .seconds(100)) { release.isSet } }
        let peer = try RawPeer(page.endpoint)
        peer.send("GET /status.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try reactor.run(until: {
            peer.poll()
            return peer.isClosed
        })
        let found = try Answer(peer.received).json()
        #expect(found["reactors"][1]["silence"].double ?? 0 >= 0.25)
        #expect(found["reactors"][1]["status"].isNull)
        release.set()
        worker.stop()
        worker.join()
        let closed = Flag()
        context.terminate { _ in closed.set() }
        try reactor.run(until: { closed.isSet })
    }
}
