import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

extension Socket {
    /// Bytes queued to be sent, or under way to another thread.
    var bytesToSend: Int {
        pipes.reduce(0) { $0 + ($1.map { $0.outbound.byteCount + $0.sending.outstanding.bytes } ?? 0) }
    }

    /// Bytes that have arrived and are queued.
    fileprivate var bytesWaiting: Int { pipes.reduce(0) { $0 + ($1?.inbound.byteCount ?? 0) } }
}

/// A peer that writes the same bytes repeatedly, as far as the system accepts them.
private final class Writer {
    let peer: RawPeer
    private let unit: [UInt8]
    private var left: Int
    private var rest: ArraySlice<UInt8> = []

    init(_ peer: RawPeer, _ unit: [UInt8], times: Int = .max) { (self.peer, self.unit, left) = (peer, unit, times) }

    /// Writes what the system accepts now; returns whether it accepted anything.
    @discardableResult
    func write() -> Bool {
        if rest.isEmpty {
            guard left > 0 else { return false }
            left -= 1
            rest = unit[...]
        }
        let sent = peer.send(Array(rest))
        rest = rest.dropFirst(max(sent, 0))
        return sent > 0
    }

    var isDone: Bool { left == 0 && rest.isEmpty }
}

extension Scene {
    /// Runs while the writers write, until they have not progressed for a while.
    fileprivate func writeUntilStuck(_ writers: [Writer]) {
        var quiet = 0
        while quiet < 20 {
            let hasMoved = writers.reduce(false) { $1.write() || $0 }
            quiet = hasMoved ? 0 : quiet + 1
            settle(.milliseconds(hasMoved ? 0 : 2))
        }
    }
}

/// Queued and received bytes of all peers of a socket together.
@Suite(.hangLimit)
struct BudgetTests {
    private static let large = Wire.longFrame([UInt8](repeating: 1, count: 10_000), isLast: true)

    @Test(
        "Budget: the queues of many subscribers that do not read are bounded, and one that reads is served",
        arguments: [0, 1]
    )
    func subscribers(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pub = try scene.pub { $0.sendBudget = 1 << 20 }
            let stuck = try (0..<20).map { _ in try scene.rawPeer("SUB", of: pub, receiveBuffer: 4096) }
            for peer in stuck { peer.subscribe("") }
            let sub = try scene.sub(to: "")
            try scene.connect(sub, to: pub)
            try scene.wait(for: 21, subscribersOf: pub)
            let message = Message([UInt8](repeating: 1, count: 1000))
            for _ in 0..<5000 {
                try pub.send(message)
                scene.reactor.run(.nowait)
                while try sub.tryReceive() != nil {}
            }
            #expect(pub.bytesToSend < 1 << 20 + 21 * 132_000)
            #expect(pub.statistics.messagesDropped > 10_000)
            // The queue of the one that reads is short.
            try scene.wait("what was sent last") {
                try pub.send("hello")
                while let message = try sub.tryReceive() { if message == "hello" { return true } }
                return false
            }
        }
    }

    @Test(
        "Budget: a PUSH whose budget is used up blocks, and is writable when half of it has been sent",
        arguments: [0, 1]
    )
    func pushing(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let recorder = Recorder()
            let push = try scene.push({ $0.sendBudget = 1 << 20 }, handler: recorder)
            let peers = try (0..<4).map { _ in try scene.rawPeer("PULL", of: push, receiveBuffer: 4096) }
            let message = Message([UInt8](repeating: 1, count: 10_000))
            var (taken, quiet) = (0, 0)
            while quiet < 20 {
                let more = try push.fill(with: message)
                taken += more
                quiet = more == 0 ? quiet + 1 : 0
                scene.settle(.milliseconds(2))
            }
            #expect(push.bytesToSend > 1 << 19)
            #expect(push.bytesToSend < 1 << 20 + 4 * 76_000)
            let before = recorder.writableCount
            try scene.run(until: {
                for peer in peers {
                    peer.poll()
                    peer.received = []
                }
                return recorder.writableCount > before
            })
            // Or one of them has read so fast that it is within its share.
            let isOneFast = push.pipes.contains { $0?.isWithinShare == true }
            #expect(isOneFast || push.bytesToSend <= 1 << 19 + 4 * 76_000)
            #expect(try push.send(message) == .accepted)
        }
    }

    @Test("Budget: within a program, messages that a receiver has not taken count as queued")
    func inproc() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.sendBudget = 1 << 20 }
            let pulls = try (0..<3).map { _ in try scene.pull() }
            let endpoint = try push.bind(Unique.inprocEndpoint())
            for pull in pulls { try pull.connect(endpoint) }
            try scene.wait("connections") { push.peerCount == 3 }
            let message = Message([UInt8](repeating: 1, count: 10_000))
            var (taken, quiet) = (0, 0)
            while quiet < 5 {
                let more = try push.fill(with: message)
                taken += more
                quiet = more == 0 ? quiet + 1 : 0
                scene.settle(.milliseconds(1))
            }
            #expect((105..<130).contains(taken))
            for pull in pulls { while try pull.tryReceive() != nil {} }
            try scene.wait("room") { try push.send(message) == .accepted }
        }
    }

    @Test(
        "Budget: a socket whose messages are not taken stops reading, and later continues with all peers",
        arguments: [0, 1]
    )
    func receiving(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull { $0.receiveBudget = 1 << 20 }
            let writers = try (0..<10).map { _ in
                Writer(try scene.rawPeer("PUSH", of: pull), Self.large, times: 1000)
            }
            scene.writeUntilStuck(writers)
            #expect(pull.bytesWaiting > 1 << 19)
            #expect(pull.bytesWaiting < 1 << 20 + 10 * 141_000)
            var received = 0
            try scene.wait("everything") {
                for writer in writers { writer.write() }
                while try pull.tryReceive() != nil { received += 1 }
                return received == 10_000
            }
            #expect(writers.allSatisfy { $0.isDone })
        }
    }

    @Test("Budget: messages of disconnected peers count until they are taken", arguments: [0, 1])
    func leftBehind(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull { $0.receiveBudget = 1 << 20 }
            for _ in 0..<20 {
                let writer = Writer(try scene.rawPeer("PUSH", of: pull), Self.large, times: 30)
                scene.writeUntilStuck([writer])
                writer.peer.hangUp()
                scene.settle(.milliseconds(5))
            }
            // The data of each of the last ones is within its share.
            #expect(pull.statistics.bytesReceived < 1 << 20 + 20 * 141_000)
            while try pull.tryReceive() != nil { scene.reactor.run(.nowait) }
            let peer = try scene.rawPeer("PUSH", of: pull)
            peer.send(message: [65])
            try scene.wait("the last") { try pull.tryReceive() == "A" }
        }
    }

    @Test(
        "Budget: peers that connect, send and disconnect do not fill the memory, not even within their shares",
        arguments: [0, 1]
    )
    func comingAndGoing(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull { $0.receiveBudget = 1 << 20 }
            let endpoint = try pull.bind(anyPort)
            let unit = Wire.greeting() + Wire.ready("PUSH") + (0..<4).flatMap { _ in Self.large }
            var said = 0
            for _ in 0..<100 {
                let writer = Writer(try RawPeer(endpoint), unit, times: 1)
                try scene.wait("all is sent") {
                    writer.write()
                    return writer.isDone && writer.peer.unacknowledged == 0
                }
                said += 4
                scene.settle(.milliseconds(1))
                writer.peer.hangUp()
                scene.settle(.milliseconds(1))
            }
            // One and a half of the budget, and the data under way.
            #expect(pull.statistics.messagesReceived * 10_000 < 3 << 20)
            #expect(pull.budgets.receive.used > 1 << 20 && pull.budgets.receive.used < 3 << 20)
            try scene.wait("all of it") {
                while try pull.tryReceive() != nil { said -= 1 }
                return said == 0 && pull.budgets.receive.used == 0
            }
        }
    }

    @Test("Budget: data under way from an I/O thread counts even after its connection is gone")
    func connectingAndDisconnectingBehindABusyThread() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let pull = try scene.pull { $0.receiveBudget = 1 << 20 }
            let endpoint = try pull.bind(anyPort)
            let unit = Wire.greeting() + Wire.ready("PUSH") + (0..<4).flatMap { _ in Self.large }
            let budget = pull.budgets.receive
            // The socket's thread does nothing meanwhile.
            for number in 1...20 {
                let peer = try RawPeer(endpoint)
                let writer = Writer(peer, unit, times: 1)
                try waitUntil("all is sent") {
                    writer.write()
                    return writer.isDone && peer.unacknowledged == 0
                }
                peer.hangUp()
                try waitUntil("it counts") { budget.used >= number * 4 * 10_000 }
            }
            var received = 0
            try scene.wait("all of it") {
                while try pull.tryReceive() != nil { received += 1 }
                return received == 80 && budget.used == 0
            }
        }
    }

    @Test("Budget: when incomplete messages use it up, the connection that brings more ends", arguments: [0, 1])
    func unfinished(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull { $0.receiveBudget = 1 << 20 }
            var reasons: [EventReason] = []
            pull.onEvent = { if case .disconnected(_, _, let reason) = $1 { reasons.append(reason) } }
            // All but the last frame.
            let part = Array(
                (0..<30).map { _ in Wire.longFrame([UInt8](repeating: 1, count: 10_000), isLast: false) }.joined()
            )
            let peers = try (0..<3).map { _ in try scene.rawPeer("PUSH", of: pull) }
            scene.writeUntilStuck(peers.map { Writer($0, part, times: 1) })
            #expect(reasons.isEmpty)
            let another = try scene.rawPeer("PUSH", of: pull)
            scene.writeUntilStuck([Writer(another, part, times: 1)])
            try scene.wait("the end") { !reasons.isEmpty }
            #expect(reasons.map(\.kind) == [.limitExceeded(.unfinishedBytes)])
            #expect(pull.statistics.limits[.unfinishedBytes] == 1)
            // The others finish, and small messages pass all the time.
            let small = try scene.rawPeer("PUSH", of: pull)
            small.send(message: [65])
            #expect(try scene.receive(pull) == "A")
            for peer in peers { peer.send(message: [66]) }
            for _ in peers { #expect(try scene.receive(pull).count == 31) }
            #expect(reasons.count == 1)
        }
    }

    @Test(
        "Budget: an incomplete message waits while there are messages to take, and then continues",
        arguments: [0, 1]
    )
    func incompleteBesideComplete(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull { $0.receiveBudget = 1 << 20 }
            let filling = Writer(try scene.rawPeer("PUSH", of: pull), Self.large, times: 300)
            scene.writeUntilStuck([filling])
            let before = pull.statistics.bytesReceived
            let body = [UInt8](repeating: 1, count: 500_000)
            let large = Writer(try scene.rawPeer("PUSH", of: pull), Wire.longFrame(body, isLast: true), times: 1)
            scene.writeUntilStuck([large])
            #expect(pull.statistics.bytesReceived - before < 400_000 && pull.peerCount == 2)
            var sizes: [Int] = []
            try scene.wait("all") {
                filling.write()
                large.write()
                while let message = try pull.tryReceive() { sizes.append(message.byteCount) }
                return sizes.count == 301
            }
            #expect(sizes.count { $0 == body.count } == 1)
        }
    }

    @Test("Budget: messages that count only since a part of the next has come are freed as well", arguments: [0, 1])
    func partsBehindMessages(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let pull = try scene.pull { $0.receiveBudget = 1 << 20 }
            let peers = try (0..<20).map { _ in try scene.rawPeer("PUSH", of: pull) }
            // Each is within its share, until it has begun the next.
            let message = Wire.longFrame([UInt8](repeating: 1, count: 60_000), isLast: true)
            scene.writeUntilStuck(peers.map { Writer($0, message, times: 1) })
            try scene.wait("the messages") { pull.statistics.messagesReceived == peers.count }
            let next = Wire.longFrame([UInt8](repeating: 1, count: 20_000), isLast: true)
            scene.writeUntilStuck(peers.map { Writer($0, Array(next[..<10_000]), times: 1) })
            try scene.wait("a budget that is used up") { pull.budgets.receive.used > 1 << 20 }
            for _ in peers { #expect(try scene.receive(pull).byteCount == 60_000) }
            try scene.wait("a budget that is free") { pull.budgets.receive.used == 0 }
            scene.writeUntilStuck(peers.map { Writer($0, Array(next[10_000...]), times: 1) })
            for _ in peers { #expect(try scene.receive(pull).byteCount == 20_000) }
        }
    }

    @Test("Budget: large messages are released as they are taken", arguments: [0, 1])
    func largeMessages(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull { $0.receiveBudget = 1 << 20 }
            let large = Wire.longFrame([UInt8](repeating: 1, count: 150_000), isLast: true)
            // Too few peers for their unfinished messages to fill the budget.
            let writers = try (0..<5).map { _ in Writer(try scene.rawPeer("PUSH", of: pull), large, times: 6) }
            scene.writeUntilStuck(writers)
            try scene.wait("a budget that is used up") { pull.budgets.receive.used > 1 << 20 }
            var received = 0
            try scene.wait("all") {
                for writer in writers { writer.write() }
                while try pull.tryReceive() != nil { received += 1 }
                return received == 30 && pull.budgets.receive.used == 0
            }
        }
    }

    @Test("Budget: a change takes effect at once")
    func laterChange() throws {
        try withScene { scene in
            let pull = try scene.pull { $0.receiveBudget = 1 << 20 }
            let writer = Writer(try scene.rawPeer("PUSH", of: pull), Self.large, times: 300)
            scene.writeUntilStuck([writer])
            #expect(pull.statistics.messagesReceived < 150)
            try pull.configure { $0.receiveBudget = nil }
            scene.writeUntilStuck([writer])
            #expect(pull.statistics.messagesReceived == 300)
            let push = try scene.push { $0.sendBudget = 1 << 20 }
            try push.connect(freeEndpoint())
            try push.connect(freeEndpoint())
            let message = Message([UInt8](repeating: 1, count: 10_000))
            let first = try push.fill(with: message)
            #expect((105..<130).contains(first))
            try push.configure { $0.sendBudget = 3 << 19 }
            try scene.wait("room") { try push.send(message) == .accepted }
        }
    }

    @Test("Budget: the defaults have room for a thousand messages of 64 KiB")
    func defaults() throws {
        let options = SocketOptions()
        #expect(options.sendHighWaterMarkBytes == 64 << 20 && options.receiveHighWaterMarkBytes == 64 << 20)
        #expect(options.sendBudget == 512 << 20 && options.receiveBudget == 512 << 20)
        #expect(options.maxMessageSize == 64 << 20)
        try withScene { scene in
            let push = try scene.push()
            try push.connect(freeEndpoint())
            #expect(try push.fill(with: Message([UInt8](repeating: 1, count: 64 * 1024))) == 1000)
        }
    }

    @Test("Options: invalid budgets are refused by name and value", arguments: [0, -1])
    func options(value: Int) throws {
        try withScene { scene in
            let push = try scene.push()
            for (name, path) in [
                ("sendBudget", \SocketOptions.sendBudget), ("receiveBudget", \SocketOptions.receiveBudget),
            ] as [(String, WritableKeyPath<SocketOptions, Int?>)] {
                let error = #expect(throws: ZMQError.self) { try push.configure { $0[keyPath: path] = value } }
                #expect(error?.option == name && error?.message.contains("\(value)") == true)
            }
        }
    }
}
