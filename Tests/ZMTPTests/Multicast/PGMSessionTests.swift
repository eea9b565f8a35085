import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMTP

// A source and a receiver, in virtual time.
@Suite struct PGMSessionTests {
    private static let millisecond: Int64 = 1_000_000

    private func datum(_ text: String) -> [UInt8] { PGMWire.tsdu(0, Wire.message1(text)) }

    /// Packets with the messages 0 ..< count.
    private func packets(_ count: Int, _ source: inout PGMSource) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for number in 0..<count { if let packet = source.packet(datum("\(number)")) { found.append(packet) } }
        return found
    }

    private func texts(_ range: Range<Int>) -> [[UInt8]] { range.map { Wire.message("\($0)") } }

    @Test("MC-10: packets are delivered in order", arguments: [0, UInt32.max - 3] as [UInt32])
    func order(first: UInt32) {
        var source = MulticastExample.source(first: first)
        var receiver = PGMReceiver(MulticastExample.settings())
        let sent = packets(8, &source)
        for number in [0, 2, 1, 1, 5, 4, 3, 7, 6] { check(receiver.take(sent[number])) }
        #expect(receiver.takeMessages() == texts(0..<8))
        #expect(receiver.byteCount == 0)
        #expect(receiver.takeReports().map(\.event) == [.joined])
    }

    @Test("MC-9: what came before a receiver was there is not asked for") func lateJoin() {
        var source = MulticastExample.source()
        var receiver = PGMReceiver(MulticastExample.settings())
        let sent = packets(10, &source)
        for packet in sent[5...] { receiver.take(packet) }
        receiver.timerFired(at: 1000 * Self.millisecond)
        #expect(receiver.takeRequests().isEmpty)
        #expect(receiver.takeMessages() == texts(5..<10))
    }

    @Test("MC-7, MC-10: what is missing is asked for and repaired") func repair() throws {
        var source = MulticastExample.source()
        var receiver = PGMReceiver(MulticastExample.settings())
        let sent = packets(10, &source)
        for number in [0, 1, 4, 9] { receiver.take(sent[number]) }
        #expect(receiver.takeMessages() == texts(0..<2))
        guard let deadline = receiver.deadline else {
            Issue.record("no deadline")
            return
        }
        #expect(deadline < 50 * Self.millisecond)
        receiver.timerFired(at: deadline)
        let requests = receiver.takeRequests()
        #expect(requests.count == 1)
        let expected = PGMWire.missing([2, 3, 5, 6, 7, 8], to: 7000, from: 5555, group: MulticastExample.group)
        #expect(requests[0].packet == expected)
        #expect(requests[0].address == MulticastExample.address)

        let now = deadline + Self.millisecond
        check(requests[0].packet.withUnsafeBytes { source.receive($0, at: now) })
        let control = source.takeControl()
        #expect(
            control.contains(
                PGMWire.missing(
                    [2, 3, 5, 6, 7, 8],
                    to: 5555,
                    group: MulticastExample.group,
                    isConfirmation: true
                )
            )
        )
        for packet in control { receiver.take(packet, at: now) }
        while let packet = source.takeRepair() { receiver.take(packet, at: now) }
        #expect(receiver.takeMessages() == texts(2..<10))
        #expect(receiver.byteCount == 0)
    }

    @Test("MC-8, MC-10: a lost last packet is found by an SPM") func lostLast() throws {
        var source = MulticastExample.source()
        var receiver = PGMReceiver(MulticastExample.settings())
        let sent = packets(3, &source)
        for packet in sent[..<2] { receiver.take(packet) }
        #expect(source.deadline == 100 * Self.millisecond)
        source.timerFired(at: source.deadline)
        for packet in source.takeControl() { receiver.take(packet, at: 100 * Self.millisecond) }
        receiver.timerFired(at: receiver.deadline ?? 0)
        #expect(receiver.takeRequests().count == 1)
    }

    @Test("MC-8: SPMs are sent in growing intervals") func intervals() {
        var source = MulticastExample.source()
        source.timerFired(at: 0)
        _ = source.packet(datum("x"), at: 0)
        var times: [Int64] = []
        for _ in 0..<10 {
            times.append(source.deadline / Self.millisecond)
            source.timerFired(at: source.deadline)
        }
        #expect(source.takeControl().count == 11)
        #expect(times == [100, 200, 300, 400, 1700, 8700, 24_700, 49_700, 79_700, 109_700])
    }

    @Test("MC-10: requests are repeated until the recovery interval is over, then the packet is lost") func givingUp() {
        var receiver = PGMReceiver(MulticastExample.settings(recovery: 1000 * Self.millisecond))
        var source = MulticastExample.source()
        let sent = packets(4, &source)
        for number in [0, 2, 3] { receiver.take(sent[number]) }
        var requests = 0
        while let deadline = receiver.deadline, deadline < 5000 * Self.millisecond {
            receiver.timerFired(at: deadline)
            requests += receiver.takeRequests().count
        }
        #expect((4...6).contains(requests))
        #expect(receiver.takeReports().map(\.event) == [.joined, .lost(1), .joined])
        #expect(receiver.takeMessages() == texts(0..<1) + texts(2..<4))
        #expect(receiver.byteCount == 0)
    }

    @Test("MC-10: what has left the sender's window is lost at once") func trail() {
        var source = MulticastExample.source(window: 4)
        var receiver = PGMReceiver(MulticastExample.settings())
        let sent = packets(10, &source)
        for number in [0, 2, 9] { receiver.take(sent[number]) }
        // The last packet says that the window begins with number 6.
        #expect(receiver.takeMessages() == [texts(0..<1)[0], texts(2..<3)[0]])
        let events = receiver.takeReports().map(\.event)
        #expect(events == [.joined, .lost(1), .joined, .lost(3)])
        for number in [6, 7, 8] { receiver.take(sent[number]) }
        #expect(receiver.takeMessages() == texts(6..<10))
    }

    @Test("MC-10: a request of another receiver delays this one's") func suppression() throws {
        var source = MulticastExample.source()
        var receiver = PGMReceiver(MulticastExample.settings())
        let sent = packets(3, &source)
        for number in [0, 2] { receiver.take(sent[number]) }
        let before = receiver.deadline ?? 0
        let confirmation = PGMWire.missing([1], to: 5555, group: MulticastExample.group, isConfirmation: true)
        check(receiver.take(confirmation))
        #expect(receiver.deadline == 200 * Self.millisecond)
        receiver.timerFired(at: before)
        #expect(receiver.takeRequests().isEmpty)
        receiver.timerFired(at: 200 * Self.millisecond)
        #expect(receiver.takeRequests().count == 1)
    }

    @Test(
        "MC-11: a packet far away is followed at once, and the sender's own ones as well",
        arguments: [1000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_0000] as [UInt32]
    )
    func leap(distance: UInt32) {
        var source = MulticastExample.source()
        var receiver = PGMReceiver(MulticastExample.settings())
        let sent = packets(5, &source)
        for packet in sent[..<2] { receiver.take(packet) }
        let lie = PGMWire.data(1 &+ distance, trail: 1 &+ distance, datum("lie"), to: 5555)
        check(receiver.take(lie))
        for packet in sent[2...] { receiver.take(packet) }
        #expect(receiver.takeMessages() == texts(0..<2) + [Wire.message("lie")] + texts(2..<5))
        #expect(receiver.deadline == 30_000 * Self.millisecond)
        #expect(receiver.byteCount == 0)
    }

    @Test("MC-11: so is an SPM") func leapOfPath() {
        var receiver = PGMReceiver(MulticastExample.settings())
        var source = MulticastExample.source()
        let sent = packets(2, &source)
        receiver.take(sent[0])
        check(receiver.take(PGMWire.sourcePath(trail: 0, lead: 0x7FFF_FFF0, to: 5555)))
        #expect(receiver.takeReports().map(\.event) == [.joined, .lost(0x7FFF_FFF0)])
        check(receiver.take(PGMWire.data(0x7FFF_FFF1, datum("there"), to: 5555)))
        #expect(receiver.takeMessages() == texts(0..<1) + [Wire.message("there")])
    }

    @Test("MC-1: windows that cannot be are dropped") func impossibleWindows() {
        var receiver = PGMReceiver(MulticastExample.settings())
        receiver.take(PGMWire.data(10, trail: 5, datum("a"), to: 5555))
        check(!receiver.take(PGMWire.data(11, trail: 12, datum("b"), to: 5555)))
        check(!receiver.take(PGMWire.sourcePath(trail: 20, lead: 10, to: 5555)))
        check(receiver.take(PGMWire.data(11, trail: 5, datum("b"), to: 5555)))
        #expect(receiver.takeMessages() == [Wire.message("a"), Wire.message("b")])
    }

    @Test("MC-9: senders do not disturb each other") func senders() {
        var receiver = PGMReceiver(MulticastExample.settings())
        let other = Array("other!".utf8)
        // The first sends half a message, the second lies.
        receiver.take(PGMWire.data(0, PGMWire.tsdu(0, [11, 0, 1, 2]), to: 5555))
        receiver.take(PGMWire.data(7, datum("x"), to: 5555, source: other))
        receiver.take(PGMWire.data(8, [], to: 5555, source: other))
        receiver.take(PGMWire.data(9, PGMWire.tsdu(9, []), to: 5555, source: other))
        receiver.take(PGMWire.data(1, PGMWire.tsdu(0xFFFF, [3, 4, 5, 6, 7, 8, 9, 10]), to: 5555))
        receiver.take(PGMWire.data(10, datum("y"), to: 5555, source: other))
        #expect(
            receiver.takeMessages()
                == [Wire.message("x"), Wire.message([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), Wire.message("y")]
        )
        let events = receiver.takeReports().map(\.event)
        #expect(events.count { if case .faulty = $0 { true } else { false } } == 2)
        #expect(events.count { $0 == .joined } == 3)
    }

    @Test("MC-12: there are no more senders than the limit, and silent ones make room") func senderLimit() {
        var receiver = PGMReceiver(MulticastExample.settings(senders: 2))
        func source(_ number: UInt8) -> [UInt8] { [number, 0, 0, 0, 0, 0] }
        receiver.take(PGMWire.data(0, datum("1"), to: 5555, source: source(1)), at: 0)
        for number in 2..<200 as Range<UInt8> {
            receiver.take(
                PGMWire.data(0, datum("\(number)"), to: 5555, source: source(number)),
                at: 59_000 * Self.millisecond
            )
        }
        #expect(receiver.senderCount == 2)
        #expect(receiver.takeMessages() == [Wire.message("1"), Wire.message("2")])
        #expect(receiver.takeReports().count { $0.event == .tooMany } == 197)
        receiver.take(PGMWire.data(0, datum("200"), to: 5555, source: source(200)), at: 60_000 * Self.millisecond)
        #expect(receiver.takeMessages() == [Wire.message("200")])
        #expect(receiver.takeReports().map(\.event) == [.gone, .joined])
        // All are gone in the end.
        while let deadline = receiver.deadline { receiver.timerFired(at: deadline) }
        #expect(receiver.senderCount == 0)
    }

    @Test("MC-12: what is kept is limited") func memoryLimit() {
        var receiver = PGMReceiver(MulticastExample.settings(window: 1000, memory: 1000))
        receiver.take(PGMWire.data(0, datum("first"), to: 5555))
        // Packets behind one that is missing.
        for number in 2..<500 as Range<UInt32> {
            receiver.take(PGMWire.data(number, datum("\(number)"), to: 5555))
            #expect(receiver.byteCount <= 1000)
        }
        #expect(receiver.takeReports().contains { if case .exceeded = $0.event { true } else { false } })
        // Unfinished messages.
        receiver = PGMReceiver(MulticastExample.settings(memory: 1000))
        for number in 0..<100 as Range<UInt8> {
            let long = PGMWire.tsdu(0, [0xFF, 0, 0, 0, 0, 0, 0, 0x10, 0, 0] + Wire.zeros(200))
            receiver.take(PGMWire.data(0, long, to: 5555, source: [number % 4, 0, 0, 0, 0, 0]))
            receiver.take(
                PGMWire.data(1, PGMWire.tsdu(0xFFFF, Wire.zeros(200)), to: 5555, source: [number % 4, 0, 0, 0, 0, 0])
            )
            #expect(receiver.byteCount <= 1000)
        }
        #expect(receiver.takeReports().contains { if case .exceeded = $0.event { true } else { false } })
    }

    @Test("MC-2, MC-7: a source repairs what is in its window, each packet once in some time") func repairLimits() {
        var source = MulticastExample.source(window: 4)
        _ = packets(10, &source)
        func ask(_ numbers: [UInt32], at now: Int64) -> Int {
            let request = PGMWire.missing(numbers, to: 7000, from: 5555, group: MulticastExample.group)
            check(request.withUnsafeBytes { source.receive($0, at: now) })
            var count = 0
            while source.takeRepair() != nil { count += 1 }
            return count
        }
        #expect(ask([0, 5], at: 0) == 0)
        #expect(source.takeControl().isEmpty)
        #expect(ask([5, 6, 9, 10, 0xFFFF_FFFF], at: 0) == 2)
        #expect(ask([6, 7, 8], at: 1) == 2)
        #expect(ask([6, 7, 8, 9], at: 30 * Self.millisecond) == 4)
        // Of another address, group or session.
        for request in [
            PGMWire.missing([9], to: 7000, from: 5555, address: 1, group: MulticastExample.group),
            PGMWire.missing([9], to: 7000, from: 5555, group: 1),
            PGMWire.missing([9], to: 7000, from: 5556, group: MulticastExample.group),
            PGMWire.missing([9], to: 7001, from: 5555, group: MulticastExample.group),
            PGMWire.missing([9], to: 7000, from: 5555, group: MulticastExample.group, source: Array("others".utf8)),
        ] {
            check(request.withUnsafeBytes { source.receive($0, at: 100 * Self.millisecond) })
            check(!source.hasRepairs)
        }
        check([1, 2, 3].withUnsafeBytes { !source.receive($0, at: 0) })
    }

    @Test("MC-7: a repair has the data of the packet, and today's window") func repairPacket() {
        var source = MulticastExample.source(window: 4)
        _ = packets(10, &source)
        let request = PGMWire.missing([8], to: 7000, from: 5555, group: MulticastExample.group)
        check(request.withUnsafeBytes { source.receive($0, at: 0) })
        #expect(source.takeRepair() == PGMWire.data(8, trail: 6, datum("8"), to: 5555, isRepair: true))
    }

    @Test("a window that is full of unsent packets takes no more") func fullWindow() {
        var source = MulticastExample.source(window: 3)
        for number in 0..<3 {
            guard let memory = source.nextData() else {
                Issue.record("no room")
                return
            }
            memory.copyBytes(from: datum("\(number)"))
            source.addData(datum("\(number)").count)
        }
        check(source.nextData() == nil)
        source.didSend(1, at: 0)
        check(source.nextData() != nil)
    }

    /// All packets in both directions are lost with the same probability.
    @Test("everything arrives, in order, over a bad network", arguments: [0.0, 0.1, 0.3, 0.5])
    func badNetwork(loss: Double) {
        var random = SplitMix64(seed: UInt64(loss * 100) + 1)
        var source = MulticastExample.source(packetSize: 80, window: 5000)
        var receiver = PGMReceiver(
            MulticastExample.settings(window: 5000, recovery: 100_000 * Self.millisecond),
            random: random
        )
        let sent = (0..<300).map { Wire.message([Array("\($0)".utf8), Wire.zeros($0 % 100)]) }
        var stream = MulticastStream(sent)
        var found: [[UInt8]] = []
        var now: Int64 = 0
        func isLost() -> Bool { Double(random.next() >> 11) / Double(1 << 53) < loss }
        // The first packet arrives: what comes before it is not asked for.
        if let packet = source.packet(stream.next(size: 56), at: now) { receiver.take(packet, at: now) }
        while found.count < sent.count, now < 200_000 * Self.millisecond {
            now += Self.millisecond
            var packets: [[UInt8]] = []
            if !stream.isEmpty, let packet = source.packet(stream.next(size: 56), at: now) { packets.append(packet) }
            source.timerFired(at: now)
            packets += source.takeControl()
            while let packet = source.takeRepair() { packets.append(packet) }
            for packet in packets where !isLost() { receiver.take(packet, at: now) }
            if let deadline = receiver.deadline, deadline <= now { receiver.timerFired(at: now) }
            for request in receiver.takeRequests() where !isLost() {
                check(request.packet.withUnsafeBytes { source.receive($0, at: now) })
            }
            found += receiver.takeMessages()
        }
        #expect(found == sent)
        #expect(receiver.byteCount == 0)
    }
}
