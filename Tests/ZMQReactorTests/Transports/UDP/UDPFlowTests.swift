import CSockets
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

// More datagrams than a mark, a buffer or the system has room for.
@Suite(.hangLimit, .serialized)
struct UDPFlowTests {
    private static let any = "udp://127.0.0.1:*"

    @Test("UDP-5, DSH-5: the receive mark is exact; the rest waits in the system's buffer", arguments: [1, 2, 100])
    func receiveMark(mark: Int) throws {
        try withScene { scene in
            let raw = try RawUDP()
            let dish = try scene.dish(in: "g") { $0.receiveHighWaterMark = mark }
            let port = try #require(Int(dish.bind(Self.any).split(separator: ":").last ?? ""))
            for number in 0..<300 { raw.send(groupDatagram("g".utf8, Array("\(number)".utf8)), to: port) }
            scene.settle()
            #expect(dish.messagesWaiting == mark && dish.statistics.messagesReceived == mark)
            for number in 0..<300 { #expect(try scene.receive(dish).text == "g|\(number)") }
            #expect(dish.statistics.messagesDropped == 0)
        }
    }

    @Test("UDP-5: what the system's buffer has no room for is counted, and an event") func losses() throws {
        try withScene { scene in
            let raw = try RawUDP()
            var lost: [EventReason] = []
            let dish = try scene.dish(in: "g") { $0.receiveBuffer = 10_000 }
            dish.onEvent = { if let reason = $1.reason, reason.kind == .packetsLost { lost.append(reason) } }
            let port = try #require(Int(dish.bind(Self.any).split(separator: ":").last ?? ""))
            let datagram = groupDatagram("g".utf8, [UInt8](repeating: 1, count: 1000))
            for _ in 0..<100 { raw.send(datagram, to: port) }
            scene.settle()
            raw.send(datagram, to: port)
            scene.settle()
            let statistics = dish.statistics
            #expect(statistics.messagesReceived + statistics.dropped[.lost] == 101)
            #expect(statistics.dropped[.lost] > 50 && lost.count == 1)
        }
    }

    @Test("UDP-5: datagrams leave one by one where the system does not take several as one", arguments: [true, false])
    func merging(isPossible: Bool) throws {
        let (sender, receiver) = (try RawUDP(), try RawUDP())
        // Without checksums, they cannot be divided later.
        var isOff: CInt = isPossible ? 0 : 1
        #expect(setsockopt(sender.descriptor, SOL_SOCKET, SO_NO_CHECK, &isOff, socklen_t(MemoryLayout<CInt>.size)) == 0)
        let end = [127, 0, 0, 1, UInt8(receiver.port >> 8), UInt8(receiver.port & 0xFF)]
        let bodies: [UInt8] = Array(0..<10)
        var merges: CInt = 1
        let sent = end.withUnsafeBytes { end in
            bodies.withUnsafeBytes { bodies in
                let datagrams = (0..<bodies.count).map { number in
                    csockets_outgoing(
                        head: end.baseAddress,
                        head_size: 2,
                        body: bodies.baseAddress! + number,
                        body_size: 1,
                        end: end.baseAddress,
                        end_size: end.count
                    )
                }
                return csockets_send_to(sender.descriptor, datagrams, UInt32(datagrams.count), 0, &merges)
            }
        }
        #expect(sent == bodies.count)
        #expect(merges == (isPossible ? 1 : 0))
        var received: [[UInt8]] = []
        try waitUntil("the datagrams") {
            received += receiver.take().map(\.bytes)
            return received.count >= bodies.count
        }
        #expect(received == bodies.map { [127, 0, $0] })
    }

    @Test("UDP-5, RAD-5: sends never wait, however many; all of them leave when the system takes them") func burst()
        throws
    {
        try withScene { scene in
            var next = 0
            let recorder = Recorder()
            let dish = try scene.open(DishSocket.self) { _, message in
                #expect(NumberedMessage(message[1])?.number == next)
                next += 1
            }
            try dish.join("g")
            let radio = try scene.open(RadioSocket.self, { $0.sendHighWaterMark = 10 }, handler: recorder)
            try radio.connect(dish.bind(Self.any))
            try scene.wait(for: 1, membersOf: radio)
            for _ in 0..<20 {
                let end = next + 100
                for number in next..<end {
                    try radio.send(Message(NumberedMessage(number: number).bytes(size: 100)), to: "g")
                }
                try scene.wait("these") { next == end }
            }
            #expect(recorder.dropCount == 0 && radio.statistics.messagesDropped == 0)
            #expect(radio.statistics.messagesSent == 2000)
        }
    }

    @Test("UDP-5: a mark is exceeded by the datagrams of one piece at most", arguments: [10, 64, 100])
    func receiveMarkOfPieces(mark: Int) throws {
        try withScene { scene in
            let dish = try scene.dish(in: "g") { $0.receiveHighWaterMark = mark }
            let radio = try scene.open(RadioSocket.self)
            try radio.connect(dish.bind(Self.any))
            try scene.wait(for: 1, membersOf: radio)
            for number in 0..<1000 { try radio.send(Message(NumberedMessage(number: number).bytes(size: 50)), to: "g") }
            scene.settle()
            #expect(dish.messagesWaiting >= mark && dish.messagesWaiting <= (mark < 64 ? mark : mark + 63))
            for number in 0..<1000 { #expect(NumberedMessage(try scene.receive(dish)[1])?.number == number) }
        }
    }
}
