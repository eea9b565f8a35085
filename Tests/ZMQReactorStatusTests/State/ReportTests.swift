import Foundation
import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMQReactorStatus

/// The numbers of `/status.json` are those of the sockets.
@Suite(.timeLimit(.minutes(5))) struct ReportTests {
    private let page = "memory://status"

    /// Reads the JSON as a browser does.
    private func report(_ scene: TestScene) throws -> Value {
        // An earlier answer is too old.
        scene.run(for: Collector.interval)
        let peer = try scene.rawPeer(to: page)
        peer.send("GET /status.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try scene.run(until: {
            peer.poll()
            return peer.isClosed
        })
        return try Answer(peer.received).json()
    }

    /// That of the only reactor.
    private func sockets(_ scene: TestScene) throws -> [Value] {
        let reactors = try report(scene)["reactors"].all
        #expect(reactors.count == 1)
        return reactors[0]["status"]["sockets"].all
    }

    private func check(_ found: Value, _ socket: Socket) {
        let (value, statistics) = (found["statistics"], socket.statistics)
        #expect(found["number"].int == socket.number && found["type"].string == socket.type.rawValue)
        #expect(value["messagesSent"].int == statistics.messagesSent)
        #expect(value["messagesReceived"].int == statistics.messagesReceived)
        #expect(value["bytesSent"].int == statistics.bytesSent)
        #expect(value["bytesReceived"].int == statistics.bytesReceived)
        #expect(value["sendsRefused"].int == statistics.sendsRefused)
        #expect(value["reconnects"].int == statistics.reconnects)
        #expect(value["connectionsMade"].int == statistics.connectionsMade)
        #expect(value["handshakeFailures"].int == statistics.handshakeFailures)
        #expect(value["messagesDropped"].int == statistics.messagesDropped)
        for reason in DropReason.all { #expect(value["dropped"][reason.name].int ?? 0 == statistics.dropped[reason]) }
        for limit in SocketLimit.all { #expect(value["limits"][limit.name].int ?? 0 == statistics.limits[limit]) }
        #expect(found["messagesQueued"].int == socket.messagesQueued)
        #expect(found["messagesWaiting"].int == socket.messagesWaiting)
        #expect(found["connections"].all.count == socket.connections.count)
        for (value, connection) in zip(found["connections"].all, socket.connections) {
            #expect(value["peer"]["address"].string == connection.peer.address)
            #expect(value["messagesSent"].int == connection.messagesSent)
            #expect(value["bytesReceived"].int == connection.bytesReceived)
            #expect(value["sendQueue"]["messages"].int == connection.messagesQueued)
            #expect(value["receiveQueue"]["messages"].int == connection.messagesWaiting)
        }
    }

    @Test("counters, queues, marks and drops of a scene are those of its sockets, at each moment")
    func truth() throws {
        try withTestScene { scene in
            var options = SocketOptions()
            options.sendHighWaterMark = 7
            options.receiveHighWaterMark = 5
            options.heartbeatInterval = .seconds(1)
            let pub = try PubSocket(on: scene.reactor, in: scene.context, options: options)
            _ = try StatusPage(on: scene.reactor, in: scene.context, at: page)
            // Made after the page.
            let sub = try SubSocket(on: scene.reactor, in: scene.context, options: options)
            let push = try PushSocket(on: scene.reactor, in: scene.context, options: options)
            try pub.bind("memory://news")
            try sub.subscribe(to: "")
            try sub.connect("memory://news")
            try push.connect("memory://nowhere")
            try scene.run(until: { pub.peerCount == 1 && sub.peerCount == 1 })
            scene.run(for: .seconds(3))
            let all: [Socket] = [pub, sub, push]
            var found = try sockets(scene)
            #expect(found.count == 3)
            for (value, socket) in zip(found, all) { check(value, socket) }

            // SUB takes nothing: what has no room is dropped.
            for number in 0..<100 { #expect(try pub.send("news \(number)") == .accepted) }
            for _ in 0..<3 { _ = try push.send("work") }
            scene.settle()
            found = try sockets(scene)
            for (value, socket) in zip(found, all) { check(value, socket) }
            #expect(found[0]["statistics"]["dropped"]["queue-full"].int ?? 0 > 0)
            let receiving = found[1]["connections"][0]["receiveQueue"]
            #expect(receiving["messages"].int == 5 && receiving["messageMark"].int == 5)
            #expect(receiving["byteMark"].int == 64 << 20 && receiving["bytes"].int ?? 0 > 5 * 6)
            #expect(found[0]["connections"][0]["sendQueue"]["messageMark"].int == 7)
            let peer = found[1]["connections"][0]
            #expect(peer["protocolVersion"].string == "3.1" && peer["mechanism"].string == "NULL")
            #expect(peer["peerType"].string == "PUB" && peer["isAccepted"].bool == false)
            #expect(peer["roundTrip"].double != nil)
            // The endpoint without a connection, and its queue.
            #expect(found[2]["endpoints"][0]["endpoint"].string == "memory://nowhere")
            #expect(found[2]["endpoints"][0]["state"].string == "waiting")
            #expect(found[2]["endpoints"][0]["sendQueue"]["messages"].int == 3)
            #expect(found[0]["endpoints"][0]["state"].string == "listening")
            #expect(found[1]["endpoints"][0]["state"].string == "connected")

            for _ in 0..<20 {
                while try sub.tryReceive() != nil {}
                scene.settle()
            }
            found = try sockets(scene)
            for (value, socket) in zip(found, all) { check(value, socket) }
            #expect(found[1]["messagesWaiting"].int == 0)

            push.close()
            try scene.run(until: { push.isClosed && (try? sockets(scene).count) == 2 }, "the socket to be gone")
        }
    }

    @Test("what a peer says of itself is text")
    func identity() throws {
        try withTestScene { scene in
            _ = try StatusPage(on: scene.reactor, in: scene.context, at: page)
            let router = try RouterSocket(on: scene.reactor, in: scene.context)
            try router.bind("memory://router")
            let names = [#"<img src=x onerror="alert(1)">"#, "\u{202E}\"\\"]
            let dealers = try names.map { name in
                let dealer = try DealerSocket(on: scene.reactor, in: scene.context)
                try dealer.setRoutingID(name)
                try dealer.connect("memory://router")
                return dealer
            }
            try scene.run(until: { router.peerCount == 2 })
            let found = try sockets(scene)[0]["connections"].all
            let identities = found.compactMap { $0["peer"]["routingID"].string }
            #expect(Set(identities) == Set(names.map { Frame($0).description }))
            #expect(dealers.count == 2)
        }
    }

    @Test("events are there with their reasons, the newest first; what repeats is counted, and there is an end to them")
    func events() throws {
        try withTestScene { scene in
            _ = try StatusPage(on: scene.reactor, in: scene.context, at: page)
            let push = try PushSocket(on: scene.reactor, in: scene.context)
            try push.connect("memory://nowhere")
            scene.run(for: .seconds(60))
            var events = try report(scene)["events"].all
            #expect(events.count == 1 && events[0]["name"].string == "connect-delayed")
            #expect(events[0]["count"].int ?? 0 > 5 && events[0]["socket"].int == push.number)
            #expect(events[0]["endpoint"].string == "memory://nowhere" && events[0]["reason"].string != nil)
            let pull = try PullSocket(on: scene.reactor, in: scene.context)
            try pull.bind("memory://nowhere")
            try scene.run(until: { push.peerCount == 1 })
            events = try report(scene)["events"].all
            let names = events.compactMap { $0["name"].string }
            #expect(names.contains("listening") && names.contains("handshake-succeeded"))
            #expect(names.last == "connect-delayed")
            let numbers = events.compactMap { $0["number"].int }
            #expect(numbers == numbers.sorted(by: >))
            for _ in 0..<EventLog.limit {
                try pull.unbind(try pull.bind("memory://more"))
            }
            events = try report(scene)["events"].all
            #expect(events.count == EventLog.limit)
            let last = try #require(events.first?["number"].int)
            #expect(events.map { $0["number"].int } == (0..<EventLog.limit).map { last - $0 })
        }
    }

    @Test("the event of a limit that closes nothing names the limit")
    func limitedPeer() throws {
        try withTestScene { scene in
            _ = try StatusPage(on: scene.reactor, in: scene.context, at: page)
            var options = SocketOptions()
            options.limits.commandsPerTurn = 1
            let pull = try PullSocket(on: scene.reactor, in: scene.context, options: options)
            try pull.bind("memory://pull")
            let peer = try scene.rawPeer(to: "memory://pull")
            peer.shakeHands(as: "PUSH")
            for _ in 0..<100 { peer.send(command: "PING", [0, 0]) }
            try scene.run(until: { pull.statistics.limits.total > 1 })
            let event = try report(scene)["events"].all.first { $0["name"].string == "limited" }
            #expect(event?["reason"].string == "commands-per-turn")
            withExtendedLifetime(peer) {}
        }
    }

    @Test("the peers of a socket that has very many are those with the longest queues")
    func limits() throws {
        try withTestScene { scene in
            _ = try StatusPage(on: scene.reactor, in: scene.context, at: page)
            let pull = try PullSocket(on: scene.reactor, in: scene.context)
            try pull.bind("memory://pull")
            let pushes = try (0..<SocketStatus.connectionLimit + 20).map { _ in
                let push = try PushSocket(on: scene.reactor, in: scene.context)
                try push.connect("memory://pull")
                return push
            }
            for push in pushes.suffix(20) { #expect(try push.send("x") == .accepted) }
            try scene.run(until: { pull.messagesWaiting == 20 && pull.peerCount == pushes.count })
            let found = try sockets(scene)
            #expect(found[0]["connections"].all.count == SocketStatus.connectionLimit)
            #expect(found[0]["connectionsOmitted"].int == 20)
            let waiting = found[0]["connections"].all.map { $0["receiveQueue"]["messages"].int ?? 0 }
            #expect(waiting.reduce(0, +) == 20 && waiting == waiting.sorted(by: >))
        }
    }

    @Test("the largest are those of a sorted list", arguments: [0, 1, 5, 100, 1000])
    func largest(count: Int) {
        for range in [0...3, 0...1000] {
            let all = (0..<count).map { (place: $0, value: Int.random(in: range)) }
            // Swift's sort is stable.
            let sorted = all.sorted { $0.value > $1.value }.prefix(100).map(\.place)
            #expect(all.largest(100) { $0.value }.map(\.place) == sorted)
        }
    }

    @Test("a report is encoded once, however many ask")
    func encodedOnce() throws {
        try withTestScene { scene in
            let collector = Collector(on: scene.reactor, of: scene.context, EventLog(without: 0), without: 0)
            var answers: [[UInt8]] = []
            for _ in 0..<2 { collector.collectJSON { answers.append($0) } }
            scene.run(for: Collector.interval)
            collector.collectJSON { answers.append($0) }
            let places = answers.map { $0.withUnsafeBufferPointer { $0.baseAddress } }
            #expect(places.count == 3 && places[0] == places[1] && places[1] != places[2])
            collector.stop()
        }
    }

    @Test("however many ask, there is one reading of the sockets in a while")
    func interval() throws {
        try withTestScene { scene in
            let log = EventLog(without: 0)
            let collector = Collector(on: scene.reactor, of: scene.context, log, without: 0)
            let pull = try PullSocket(on: scene.reactor, in: scene.context)
            try pull.bind("memory://pull")
            var counts: [Int] = []
            collector.collect { counts.append($0.reactors[0].status?.sockets[0].endpoints.count ?? -1) }
            try pull.bind("memory://second")
            collector.collect { counts.append($0.reactors[0].status?.sockets[0].endpoints.count ?? -1) }
            #expect(counts == [1, 1])
            scene.run(for: Collector.interval)
            collector.collect { counts.append($0.reactors[0].status?.sockets[0].endpoints.count ?? -1) }
            #expect(counts == [1, 1, 2])
            collector.stop()
        }
    }
}

/// Turns are measured while a page shows them.
@Suite(.timeLimit(.minutes(5))) struct TurnWatchTests {
    @Test("turns, and handlers that are slow, as the reactor counts them; and no longer than there is a page")
    func turns() throws {
        let reactor = try Reactor()
        let context = Context()
        #expect(!reactor.measuresTurns)
        let collector = Collector(on: reactor, of: context, EventLog(without: 0), without: 0)
        #expect(reactor.measuresTurns)
        reactor.after(.zero) { _ in
            let start = ContinuousClock.now
            while ContinuousClock.now - start < TurnWatch.limit {}
        }
        try reactor.run(until: { reactor.turnStatistics.longestTurn >= TurnWatch.limit })
        var found: Report?
        collector.collect { found = $0 }
        let status = try #require(found?.reactors[0].status)
        #expect(status.turns == reactor.turnStatistics && status.turns.turns > 0)
        #expect(status.slowHandlers == 1 && status.lastSlowHandler?.source == "timer")
        let json = try Answer(Response(body: #require(found).json.encoded).encoded()).json()["reactors"][0]["status"]
        #expect(json["turns"]["turns"].int == status.turns.turns && json["turns"]["slowHandlers"].int == 1)
        #expect(json["turns"]["lastSlowHandler"].string == status.lastSlowHandler?.description)
        let other = Collector(on: reactor, of: context, EventLog(without: 0), without: 0)
        collector.stop()
        #expect(reactor.measuresTurns)
        other.stop()
        #expect(!reactor.measuresTurns)
    }

    @Test("a reactor that the application measures stays measured")
    func measuredAnyway() throws {
        let reactor = try Reactor()
        reactor.measuresTurns = true
        let collector = Collector(on: reactor, of: Context(), EventLog(without: 0), without: 0)
        collector.stop()
        #expect(reactor.measuresTurns)
    }
}
