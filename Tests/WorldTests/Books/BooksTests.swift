import Testing
import ZMQReactor

@Suite("Books")
struct BooksTests {
    @Test("facts that balance have no problem")
    func balance() { #expect(Books(.sample).problems == []) }

    /// A change of the facts, and how the problem that it is begins.
    struct Fault: Sendable, CustomStringConvertible {
        let description: String
        let problem: String
        let change: @Sendable (inout Facts) -> Void

        init(_ description: String, _ problem: String, _ change: @escaping @Sendable (inout Facts) -> Void) {
            (self.description, self.problem, self.change) = (description, problem, change)
        }
    }

    @Test("a fault is named", arguments: messageFaults + counterFaults + leaks)
    func fault(_ fault: Fault) {
        var facts = Facts.sample
        fault.change(&facts)
        let problems = Books(facts).problems
        #expect(problems.contains { $0.hasPrefix(fault.problem) }, "\(problems)")
    }

    @Test("a record of a WebSocket shows its messages, and where it is torn", arguments: [false, true])
    func webSocket(isMasked: Bool) {
        let head = Array((isMasked ? "GET / HTTP/1.1\r\n\r\n" : "HTTP/1.1 101 x\r\n\r\n").utf8)
        let body = Payload.frames(of: 4, isOne: true)[0].prefix(9)
        func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
            guard isMasked else { return [first, UInt8(payload.count)] + payload }
            let key: [UInt8] = [1, 2, 3, 4]
            return [first, 0x80 | UInt8(payload.count)] + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
        }
        let session = head + frame(0x82, [2, 5]) + frame(0x82, [1] + body) + frame(0x89, [7]) + frame(0x82, [0] + body)
        let record = WireRecord(ofWebSocket: session + frame(0x82, [0] + body).dropLast())
        #expect(record.messages.map(\.number) == [4] && !record.isTorn)
        #expect(record.messages.map(\.end) == [session.count])
        for torn in [frame(0x02, [0] + body), frame(0x82, [3]), frame(0x81, [0]), frame(0x82, [])] {
            #expect(WireRecord(ofWebSocket: session + torn).isTorn)
        }
        #expect(WireRecord(ofWebSocket: Array("HTTP/1.1 404 x\r\n\r\nnothing here".utf8)).messages.isEmpty)
    }

    @Test("a payload of one frame fits its number, and is no payload of several", arguments: [1, 4, 77, 1000])
    func oneFrame(number: Int) {
        let frames = Payload.frames(of: number, isOne: true)
        #expect(frames.count == 1)
        #expect(Payload.read(Payload.message(number, behind: [[7]], isOne: true), behind: 1) == .whole(number))
        #expect(Payload.read(atEndOf: Payload.message(number, behind: [[7]], isOne: true)) == .whole(number))
        #expect(
            Payload.read(Message(frames: [Frame("x")] + frames.map { Frame($0.span.bytes) }), behind: 0)
                != .whole(number)
        )
    }

    @Test("every message of the world fits its number, and nothing else does", arguments: [1, 4, 77, 1000, 99_999])
    func torn(number: Int) {
        let frames = Payload.frames(of: number)
        #expect(Payload.read(Payload.message(number), behind: 0) == .whole(number))
        var bytes = Payload.record(number)
        #expect(Payload.takeRecords(&bytes) == [.whole(number)])
        for frame in frames.indices {
            var torn = frames
            torn[frame][torn[frame].count - 1] ^= 1
            let reading = Payload.read(Message(frames: torn.map { Frame($0.span.bytes) }), behind: 0)
            #expect(reading != .whole(number))
            torn[frame].removeLast()
            #expect(Payload.read(Message(frames: torn.map { Frame($0.span.bytes) }), behind: 0) != .whole(number))
        }
        bytes = Payload.record(number)
        bytes[bytes.count - 1] ^= 1
        #expect(Payload.takeRecords(&bytes) != [.whole(number)])
    }
}

extension BooksTests {
    /// Frames of ZMTP behind a greeting.
    private func record(_ frames: [UInt8]) -> WireRecord {
        WireRecord([UInt8](repeating: 0, count: 64) + frames)
    }

    @Test("a record of bytes shows its messages, and where it is torn")
    func record() {
        let frame = Payload.frames(of: 4).last!.prefix(9)
        let message = [0, 9] + frame
        #expect(record(message + message).messages.map(\.number) == [4, 4])
        #expect(record(message + message).messages.map(\.end) == [75, 86])
        #expect(!record(message + [0, 200]).isTorn)
        #expect(record(message + [0x57, 4]).isTorn)
        #expect(record(message + [2] + [UInt8](repeating: 0xFF, count: 8)).isTorn)
        #expect(record(message + [8]).messages.count == 1)
        #expect(WireRecord([200, 0, 0, 0] + [UInt8](repeating: 1, count: 200), isRaw: true).isTorn)
    }
}

// Messages 0 to 2 go from a PUSH to a PULL; 3 and 4 from a PUB to a SUB of one program; 5 and 6 from a PAIR through a
// proxy to another, and by its capture socket to a PULL; 7 is dropped by the PUSH. Message 8 goes from a PUSH to a proxy
// in its program, and from there to a PULL.
extension Facts {
    fileprivate static var sample: Facts {
        var facts = Facts()
        let roles: [Role] = [
            .push, .pull, .pub, .sub, .pair, .pair, .pair, .pair, .push, .pull, .push, .pull, .push, .pull,
        ]
        facts.parties = roles.enumerated().map { number, role in
            Party(name: "\(role)#\(number)", role: role, counters: Counters())
        }
        for number in [2, 3] { facts.parties[number].group = 0 }
        (facts.parties[5].partner, facts.parties[6].partner) = (6, 5)
        facts.parties[5].forwarded = 2
        (facts.parties[8].shows, facts.parties[8].shown) = ([5, 6], 2)
        facts.parties[9].isWitness = true
        for number in [10, 11] { facts.parties[number].group = 1 }
        (facts.parties[11].partner, facts.parties[12].partner) = (12, 11)
        facts.parties[11].forwarded = 1
        facts.entries = [0, 0, 0, 2, 2, 4, 4, 0, 10].map { Entry(sender: $0, copies: 1) }
        for (number, receivers) in [[1], [1], [1], [3], [3], [7, 9], [7, 9], [], [13]].enumerated() {
            facts.entries[number].receipts = receivers.map { Receipt(party: $0, order: number) }
        }
        facts.entries[6].audience = .someone
        facts.entries[4].audience = .all([3])
        let flows = [(0, 1, [0, 1, 2]), (4, 5, [5, 6]), (6, 7, [5, 6]), (8, 9, [5, 6]), (12, 13, [8])]
        facts.flows = flows.map { writer, reader, messages in
            facts.parties[writer].counters!.sent = messages.count
            facts.parties[reader].counters!.received = messages.count
            facts.parties[writer].counters!.bytesSent = 100
            facts.parties[reader].counters!.bytesReceived = 100
            let written = messages.map { Flow.Written(number: $0, isRead: true) }
            return Flow(writer: writer, reader: reader, messages: written, bytesWritten: 100, bytesRead: 100)
        }
        facts.parties[2].counters!.sent = 2
        facts.parties[3].counters!.received = 2
        facts.parties[10].counters!.sent = 1
        facts.parties[11].counters!.received = 1
        facts.parties[0].counters!.dropped = [.peerGone: 1]
        return facts
    }
}

extension BooksTests {
    private static let messageFaults = [
        Fault("a message is read and not received", "lost: pull#1 has dropped") { $0.entries[1].receipts = [] },
        Fault("a message is not written", "lost: push#0 has dropped") { $0.flows[0].messages.remove(at: 1) },
        Fault("a local message is not received", "lost: pub#2, sub#3 have dropped 0") { $0.entries[3].receipts = [] },
        Fault("a proxy does not forward a message", "lost: pair#6 has dropped") { $0.flows[2].messages.remove(at: 0) },
        Fault("a message of the last round gets nowhere", "lost: nothing got message 6") {
            $0.entries[6].receipts = []
        },
        Fault("a message of the last round is only captured", "lost: nothing got message 6") {
            $0.entries[6].receipts.removeFirst()
        },
        Fault("a capture socket loses a message", "lost: push#8 was given 2, has sent 1") {
            $0.flows[3].messages.removeLast()
            $0.parties[8].counters!.sent = 1
        },
        Fault("a message of the proxy's program is lost", "lost: push#12 was given 1, has sent 0") {
            $0.flows[4].messages = []
            $0.parties[12].counters!.sent = 0
        },
        Fault("a message is lost on its way to the program's proxy", "lost: push#10, pull#11 have dropped 0") {
            $0.parties[11].forwarded = 0
            $0.parties[11].counters!.received = 0
        },
        Fault("a message of the last round does not get to all", "lost: sub#3 did not get message 4") {
            $0.entries[4].receipts = []
        },
        Fault("a message is received twice", "duplicated: pull#1 got message 1 2 times") {
            $0.entries[1].receipts.append(.init(party: 1, order: 9))
        },
        Fault("a message is written twice", "duplicated: push#0 sends message 1 2 times") {
            $0.flows[0].messages.append(.init(number: 1, isRead: true))
        },
        Fault("a local message is received twice", "duplicated: pub#2 sends message 3 2 times") {
            $0.entries[3].receipts.append(.init(party: 3, order: 9))
        },
        Fault("a proxy forwards a message twice", "duplicated: pair#6 writes message 5 2 times") {
            $0.flows[2].messages.append(.init(number: 5, isRead: true))
        },
        Fault("messages are received out of order", "reordered: pull#1 got 2 ahead") {
            $0.entries[2].receipts[0].order = 0
            $0.entries[0].receipts[0].order = 2
        },
        Fault("messages are written out of order", "reordered: pair#4 writes 5 behind 6") {
            $0.flows[1].messages.reverse()
        },
        Fault("local messages are received out of order", "reordered: sub#3 got 4 ahead") {
            $0.entries[4].receipts[0].order = 0
        },
        Fault("a proxy forwards out of order", "reordered: pair#6 writes 5 behind") { $0.flows[2].messages.reverse() },
        Fault("a message comes from nowhere", "unknown: push#0 writes message 99") {
            $0.flows[0].messages.append(.init(number: 99, isRead: true))
        },
        Fault("a message is written by another socket", "unknown: push#0 writes message 5 of pair#4") {
            $0.flows[0].messages.append(.init(number: 5, isRead: true))
        },
        Fault("a message is received by another socket", "unknown: pull#1 got message 5") {
            $0.entries[5].receipts.append(.init(party: 1, order: 9))
        },
        Fault("a proxy forwards what it has not read", "unknown: pair#6 writes message 0") {
            $0.flows[2].messages.append(.init(number: 0, isRead: true))
        },
        Fault("a proxy forwards what its program has not sent", "unknown: push#12 writes message 0") {
            $0.flows[4].messages.append(.init(number: 0, isRead: true))
        },
        Fault("a capture socket shows what its proxy has not read", "unknown: push#8 writes message 0") {
            $0.flows[3].messages.append(.init(number: 0, isRead: true))
        },
        Fault("a capture socket shows a message twice", "duplicated: push#8 shows message 5 2 times") {
            $0.flows[3].messages.append(.init(number: 5, isRead: true))
        },
        Fault("a connection is torn", "torn: push#0 writes what is no message to pull#1") { $0.flows[0].isTorn = true },
        Fault("a message is torn", "torn: pull#1 got message 1 of [3] bytes") {
            $0.problems.append("torn: pull#1 got message 1 of [3] bytes")
        },
    ]

    private static let counterFaults = [
        Fault("sent", "counter: push#0 counts 4 sent of 3") { $0.parties[0].counters!.sent += 1 },
        Fault("received", "counter: pull#1 counts 4 received of 3") { $0.parties[1].counters!.received += 1 },
        Fault("bytes sent", "counter: push#0 counts 101 bytes sent of 100") { $0.parties[0].counters!.bytesSent += 1 },
        Fault("bytes received", "counter: pull#1 counts 101 bytes received of 100") {
            $0.parties[1].counters!.bytesReceived += 1
        },
        Fault("sent within a program", "counter: pub#2, sub#3 count 3 sent and 2 received") {
            $0.parties[2].counters!.sent += 1
        },
        Fault("taken within a program", "counter: pub#2, sub#3 count 3 received, and have taken or refused 2") {
            $0.parties[2].counters!.sent += 1
            $0.parties[3].counters!.received += 1
        },
        Fault("sent over a WebSocket that is still there", "counter: push#0 counts 4 sent of 3") {
            $0.flows[0].isTranslated = true
            $0.parties[0].counters!.sent += 1
        },
        Fault("lost with a WebSocket, and not counted as sent", "lost: push#0 has dropped") {
            ($0.flows[0].isTranslated, $0.flows[0].isOver) = (true, true)
            $0.flows[0].messages.removeLast()
            $0.parties[0].counters!.sent -= 1
            $0.parties[1].counters!.received -= 1
            $0.entries[2].receipts = []
        },
        Fault("too many drops", "lost: push#0 has dropped") { $0.parties[0].counters!.dropped[.peerGone] = 2 },
        Fault("too few drops", "lost: push#0 has dropped") { $0.parties[0].counters!.dropped = [:] },
        Fault("drops of what arrived", "lost: sub#3 has dropped") {
            $0.parties[3].group = nil
            $0.parties[3].counters!.dropped = [.notSubscribed: 1]
        },
        Fault("a reason that the type does not have", "counter: push#0 has dropped 1 as not-subscribed") {
            $0.parties[0].counters!.dropped[.notSubscribed] = 1
        },
        Fault("a reason that the options do not have", "counter: pull#1 has dropped 1 as conflated") {
            $0.parties[1].counters!.dropped[.conflated] = 1
        },
        Fault("drops that are not reported", "counter: pub#2 has reported 0 drops of 1") {
            $0.parties[2].counters!.dropped = [.queueFull: 1]
        },
        Fault("drops at a disconnect that are not reported", "counter: push#0 counts 1 drops after its linger") {
            $0.parties[0].counters!.dropped = [.lingerExpired: 1]
        },
        Fault("captured", "counter: the proxy of push#8 counts 1 captured of 2") { $0.parties[8].shown = 1 },
        Fault("missed by a capture socket", "counter: the proxy of push#8 counts 3 captured of 2") {
            $0.parties[8].notShown = 1
        },
        Fault("sent to the program's proxy", "counter: push#10, pull#11 count 2 sent and 1 received") {
            $0.parties[10].counters!.sent = 2
        },
        Fault("forwarded", "counter: the proxy of pair#5 counts 1 forwarded of 2") { $0.parties[5].forwarded = 1 },
    ]

    private static let leaks = [
        Fault("chunks", "left behind: chunks, 1") { $0.remains.chunks = 1 },
        Fault("buffers", "left behind: buffers at rest, 2") { $0.remains.buffersAtRest = 2 },
        Fault("sockets", "left behind: sockets, 1") { $0.remains.sockets = 1 },
        Fault("reactors", "left behind: reactors, 1") { $0.remains.reactors = 1 },
        Fault("contexts", "left behind: contexts, 1") { $0.remains.contexts = 1 },
        Fault("streams", "left behind: streams, 1") { $0.remains.streams = 1 },
        Fault("timers", "left behind: timers, 1") { $0.remains.timers = 1 },
        Fault("watchers", "left behind: watchers, 1") { $0.remains.watchers = 1 },
        Fault("descriptors", "left behind: descriptors, 3") { $0.remains.descriptors = 3 },
    ]
}
