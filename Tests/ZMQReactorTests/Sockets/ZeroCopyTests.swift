import Synchronization
import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Buffers that are lent to messages, and how often they were released.
private final class Lender: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
    var releases = 0

    init(_ size: Int, seed: Int = 0) {
        bytes = .allocate(byteCount: size, alignment: 1)
        bytes.copyBytes(from: Pattern.bytes(size, seed: seed))
    }

    deinit { bytes.deallocate() }

    func frame() -> Frame { Frame(lending: UnsafeRawBufferPointer(bytes)) { self.releases += 1 } }
}

@Suite struct ZeroCopyTests {
    @Test(
        "ZCP-02: lent bytes are sent without copying, and released once the last has been sent",
        .nothingMovesByItself
    )
    func givenBackWhenSent() throws {
        try withTimedScene { scene in
            let (push, pull) = try (scene.push(), scene.pull())
            try scene.connect(push, to: pull)
            let lender = Lender(3_000_000)
            #expect(try push.send(Message(frames: [lender.frame()])) == .accepted)
            push.pipes[0]!.outbound.forEachPiece { piece in
                if piece.count > 100 { #expect(piece.baseAddress == UnsafeRawPointer(lender.bytes.baseAddress!)) }
                return true
            }
            #expect(lender.releases == 0)
            #expect(try scene.receive(pull)[0] == Frame(Pattern.bytes(3_000_000)))
            try scene.wait("the buffer") { lender.releases > 0 }
            scene.settle()
            #expect(lender.releases == 1)
        }
    }

    @Test("closing releases lent bytes, too, and so does a lost peer")
    func givenBackOtherwise() throws {
        try withTimedScene { scene in
            let lenders = (0..<3).map { _ in Lender(1_000_000) }
            let push = try scene.push { $0.linger = .none }
            try push.connect(scene.freshEndpoint())
            #expect(try push.send(Message(frames: [lenders[0].frame()])) == .accepted)
            #expect(try push.send(lenders[1].frame(), more: true) == .accepted)
            try scene.close(push)
            let pub = try scene.pub()
            let peer = try scene.rawPeer("SUB", of: pub, receiveBuffer: 4096)
            peer.subscribe("")
            try scene.wait(for: 1, subscribersOf: pub)
            for _ in 0..<20 { try pub.send(Message(frames: [lenders[2].frame()])) }
            scene.settle()
            #expect(lenders[2].releases < 20)
            peer.reset()
            try scene.wait("the end") { pub.peerCount == 0 }
            scene.settle()
            #expect(lenders.map(\.releases) == [1, 1, 20])
        }
    }

    @Test("ZCP-06: frames from five buffers are sent with one gathering write", .nothingMovesByItself)
    func gathered() throws {
        try withScene { scene in
            let (push, pull) = try (scene.push(), scene.pull())
            try scene.connect(push, to: pull)
            let lenders = (0..<5).map { Lender(9000, seed: $0) }
            #expect(try push.send(Message(frames: lenders.map { $0.frame() })) == .accepted)
            try scene.wait("it to leave") { push.statistics.messagesSent == 1 }
            // The last write had all of it, in ten pieces: each frame's header, each frame.
            #expect(StreamBuffers.of(push.reactor).gather.byteCount == 5 * 9009)
            #expect(StreamBuffers.of(push.reactor).gather.count == 10)
            let received = try scene.receive(pull)
            #expect(received.count == 5)
            for (number, frame) in received.enumerated() { #expect(Array(frame) == Pattern.bytes(9000, seed: number)) }
            #expect(lenders.allSatisfy { $0.releases == 1 })
        }
    }

    @Test("MSG-13: one large message sent by three sockets is one piece of memory, released after the last")
    func threeSockets() throws {
        try withScene { scene in
            let lender = Lender(500_000)
            do {
                let message: Message = ["topic", lender.frame()]
                for _ in 0..<3 {
                    let (push, pull) = try (scene.push(), scene.pull())
                    try scene.connect(push, to: pull)
                    #expect(try push.send(message) == .accepted)
                    #expect(try scene.receive(pull) == message)
                    #expect(lender.releases == 0)
                }
            }
            try scene.wait("the buffer") { lender.releases == 1 }
        }
    }

    @Test("ZCP-02: a message in pieces that is sent bit by bit counts as sent at its end, and arrives complete")
    func bitByBit() throws {
        try withScene { scene in
            let (push, pull) = try (scene.push(), scene.pull())
            try scene.connect(push, to: pull)
            let message: Message = [
                Frame(Pattern.bytes(900_000, seed: 1)), "x", Frame(Pattern.bytes(2_000_000, seed: 2)), "", "tail",
            ]
            for _ in 0..<20 { #expect(try push.send(message) == .accepted) }
            for _ in 0..<20 { #expect(try scene.receive(pull) == message) }
            #expect(push.statistics.messagesSent == 20)
            let left = push.pipes[0]!.outbound.byteCount
            #expect(left == 0)
        }
    }

    @Test(
        "ZCP-04, MSG-09: received messages can be kept for any length of time",
        arguments: [0, 1, 255, 256, 65_536, 8 << 20]
    )
    func kept(size: Int) throws {
        try withScene { scene in
            let (push, pull) = try (scene.push(), scene.pull())
            try scene.connect(push, to: pull)
            var kept: [Message] = []
            for seed in 0..<3 {
                #expect(try push.send(Pattern.bytes(size, seed: seed)) == .accepted)
                kept.append(try scene.receive(pull))
            }
            try scene.close(pull)
            for (seed, message) in kept.enumerated() { #expect(message[0] == Frame(Pattern.bytes(size, seed: seed))) }
        }
    }
}

@Suite struct EnvelopeTests {
    @Test("ENV-01, ENV-02, ENV-03: only the envelope is matched, and the whole message passes or none of it")
    func envelopes() throws {
        try withTimedScene { scene in
            let (pub, sub, kd) = try (scene.pub(), scene.sub(to: "B"), scene.sub(to: "Kd"))
            for sub in [sub, kd] { try scene.connect(sub, to: pub) }
            try scene.wait(for: 2, subscribersOf: pub)
            for message in [["A", "B"], ["B", "A"], ["K", "d"], ["Kd", ""], ["", "B"]] as [Message] {
                try pub.send(message)
            }
            #expect(try scene.receiveAll(sub) == ["B|A"])
            #expect(try scene.receiveAll(kd) == ["Kd|"])
        }
    }

    @Test("ENV-05: the second of three parts has the address for a subscriber's request")
    func address() throws {
        try withScene { scene in
            let (pub, answers, sub, push) = try (scene.pub(), scene.pull(), scene.sub(to: "key"), scene.push())
            try scene.connect(sub, to: pub)
            try scene.wait(for: 1, subscribersOf: pub)
            try pub.send(["key", Frame(scene.endpoint(of: answers)), "data"])
            let message = try scene.receive(sub)
            try push.connect(message[1].string)
            #expect(try push.send(["got", message[2]]) == .accepted)
            #expect(try scene.receive(answers) == ["got", "data"])
        }
    }
}
