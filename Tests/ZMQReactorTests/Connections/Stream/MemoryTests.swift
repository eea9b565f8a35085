import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A peer that needs more memory than there is: its connection ends with a reason, and others are still served.
@Suite(.hangLimit)
struct MemoryTests {
    /// What an application sees of a socket's peers.
    private final class Ends {
        var reasons: [EventReason] = []

        init(of socket: Socket) {
            socket.onEvent = { [weak self] _, event in
                if case .disconnected(_, _, let reason) = event { self?.reasons.append(reason) }
            }
        }
    }

    private static let part = [UInt8](repeating: 0, count: 1 << 20)

    /// Sends parts of an endless message until the connection has ended.
    private static func flood(_ peer: RawPeer, until ends: Ends, _ scene: Scene) throws {
        try scene.run(
            until: {
                peer.send(part)
                return !ends.reasons.isEmpty
            },
            "the connection to end",
            within: .seconds(60)
        )
    }

    private static func large(_ options: inout SocketOptions) { options.maxMessageSize = 1 << 40 }

    /// The first bytes of a peer's message for which there is no memory.
    private enum Announcement: CaseIterable {
        case oneFrame3_1, manyFrames3_1, oneFrame2_0, oneFrame1_0

        var bytes: [UInt8] {
            let size: [UInt8] = [0, 0, 0, 0x80, 0, 0, 0, 0]
            return switch self {
            case .oneFrame3_1: Wire.greeting() + Wire.ready("PUSH") + [2] + size
            // Then zeros are frames without bytes; the first frame makes all of them one message.
            case .manyFrames3_1: Wire.greeting() + Wire.ready("PUSH") + [1, 0, 3] + size
            case .oneFrame2_0: Wire.greeting2(type: 8) + [2] + size
            case .oneFrame1_0: Wire.anonymous1 + [0xFF] + size + [0]
            }
        }
    }

    @Test("a message larger than the available memory", arguments: [0, 1])
    func hugeMessage(ioThreads: Int) async {
        await #expect(processExitsWith: .success) { [ioThreads] in
            guard try ProcessResources.limitMemory(toMore: 400 << 20) else { return }
            for announcement in Announcement.allCases {
                try withScene(in: Context(ioThreads: ioThreads)) { scene in
                    let inbox = Recorder()
                    let pull = try scene.pull(Self.large) { inbox.add($1) }
                    let ends = Ends(of: pull)
                    let endpoint = try pull.bind(anyPort)
                    let good = try scene.push()
                    try good.connect(endpoint)
                    _ = try good.send("before")
                    try scene.run(until: { inbox.count == 1 })
                    let peer = try RawPeer(endpoint)
                    peer.send(announcement.bytes)
                    try Self.flood(peer, until: ends, scene)
                    precondition(ends.reasons.map(\.kind) == [.system(ENOMEM)], "\(ends.reasons)")
                    _ = try good.send("after")
                    try scene.run(until: { inbox.count == 2 })
                    precondition(good.statistics.reconnects == 0)
                }
            }
        }
    }

    /// Sends a frame of 100 MiB with more to follow.
    private static func sendEnvelope(_ peer: RawPeer, _ scene: Scene) throws {
        let size = 100 << 20
        peer.send([3, 0, 0, 0, 0, UInt8(size >> 24), 0x40, 0, 0])
        var left = size
        try scene.run(
            until: {
                if left > 0 { left -= max(0, peer.send([UInt8](repeating: 0, count: min(left, 1 << 20)))) }
                return left == 0
            },
            within: .seconds(60)
        )
    }

    @Test("an envelope for which there is no memory when the reply is sent")
    func hugeEnvelopeOfAnAnswer() async {
        await #expect(processExitsWith: .success) {
            try withScene(in: Context()) { scene in
                var replies: [Reply] = []
                let rep = try scene.rep(Self.large) { replies.append($2) }
                let ends = Ends(of: rep)
                let peer = try RawPeer(rep.bind(anyPort))
                peer.shakeHands(as: "REQ")
                try Self.sendEnvelope(peer, scene)
                peer.send([1, 0, 0, 1, 7])
                try scene.run(until: { replies.count == 1 }, "the request", within: .seconds(60))
                guard try ProcessResources.limitMemory(toMore: 20 << 20) else { return }
                replies.removeFirst().send("answer")
                try scene.run(until: { ends.reasons.count == 1 }, "the connection to end")
                precondition(ends.reasons[0].kind == .system(ENOMEM), "\(ends.reasons)")
                precondition(rep.statistics.dropped[.noMemory] == 1)
            }
        }
    }

    @Test("an envelope for which there is no memory, besides the request itself")
    func hugeEnvelope() async {
        await #expect(processExitsWith: .success) {
            guard try ProcessResources.limitMemory(toMore: 230 << 20) else { return }
            try withScene(in: Context()) { scene in
                let rep = try scene.rep(Self.large) { _, request, reply in reply.send(request) }
                let ends = Ends(of: rep)
                let peer = try RawPeer(rep.bind(anyPort))
                peer.shakeHands(as: "REQ")
                try Self.sendEnvelope(peer, scene)
                peer.send([1, 0, 0, 1, 7])
                try scene.run(until: { ends.reasons.count == 1 }, "the connection to end")
                precondition(ends.reasons[0].kind == .system(ENOMEM), "\(ends.reasons)")
                precondition(rep.statistics.messagesDropped == 1)
                let good = try RawPeer(rep.lastEndpoint!)
                good.shakeHands(as: "REQ")
                good.send([1, 0, 0, 1, 7])
                try scene.run(until: {
                    good.poll()
                    return good.received.suffix(5) == [1, 0, 0, 1, 7]
                })
            }
        }
    }

    @Test("subscriptions for which there is no memory")
    func subscriptions() async {
        await #expect(processExitsWith: .success) {
            guard try ProcessResources.limitMemory(toMore: 400 << 20) else { return }
            try withScene(in: Context()) { scene in
                let pub = try scene.pub(Self.large)
                pub.subscriptionLimits = SubscriptionLimits(topics: .max, bytes: .max)
                let ends = Ends(of: pub)
                let endpoint = try pub.bind(anyPort)
                let peer = try RawPeer(endpoint)
                peer.shakeHands(as: "SUB")
                var number = 0
                var rest: [UInt8] = []
                try scene.run(
                    until: {
                        if rest.isEmpty {
                            number += 1
                            rest = Wire.command("SUBSCRIBE", [UInt8(number & 0xFF)] + Self.part)
                        }
                        rest.removeFirst(max(0, peer.send(rest)))
                        return !ends.reasons.isEmpty
                    },
                    "the connection to end",
                    within: .seconds(60)
                )
                precondition(ends.reasons[0].message == "no memory for its subscriptions", "\(ends.reasons)")
                let sub = try scene.sub()
                try sub.subscribe(to: "a")
                try sub.connect(endpoint)
                try scene.run(until: { pub.topicCount == 1 })
            }
        }
    }

    @Test("the ends of subscriptions when there is no memory to report all at once")
    func departures() async {
        await #expect(processExitsWith: .success) {
            guard try ProcessResources.limitMemory(toMore: 320 << 20) else { return }
            try withScene(in: Context()) { scene in
                let told = Recorder(recordsTopics: false)
                let xpub = try scene.xpub(handler: told)
                xpub.subscriptionLimits = SubscriptionLimits(bytes: .max)
                let peer = try RawPeer(xpub.bind(anyPort))
                peer.shakeHands(as: "SUB")
                var (number, rest) = (0, [] as ArraySlice<UInt8>)
                try scene.run(
                    until: {
                        if rest.isEmpty, number < 100 {
                            number += 1
                            rest = Wire.command("SUBSCRIBE", [UInt8(number)] + Self.part)[...]
                        }
                        rest = rest.dropFirst(max(0, peer.send(Array(rest))))
                        return xpub.topicCount == 100
                    },
                    "all subscriptions",
                    within: .seconds(60)
                )
                peer.hangUp()
                try scene.run(
                    until: { told.texts.count { $0 == "-" } == 100 && xpub.topicCount == 0 },
                    "all ends",
                    within: .seconds(60)
                )
                precondition(xpub.statistics.messagesDropped == 0)
            }
        }
    }

    @Test("a message to a 1.0 peer for whose form there is no memory")
    func translation() async {
        await #expect(processExitsWith: .success) {
            guard try ProcessResources.limitMemory(toMore: 200 << 20) else { return }
            try withScene(in: Context()) { scene in
                let push = try scene.push()
                let ends = Ends(of: push)
                let endpoint = try push.bind(anyPort)
                let old = try RawPeer(endpoint)
                old.send(Wire.anonymous1)
                try scene.run(until: { push.peerCount == 1 })
                _ = try push.send(Message([UInt8](repeating: 1, count: 3)))
                let message = Message(byteCount: 120 << 20) { $0.initializeMemory(as: UInt8.self, repeating: 0) }
                _ = try push.send(message)
                try scene.run(until: { ends.reasons.count == 1 }, "the connection to end")
                precondition(ends.reasons[0].kind == .system(ENOMEM), "\(ends.reasons)")
                old.poll()
                precondition(old.received.suffix(5) == [4, 0, 1, 1, 1], "messages with memory have been sent")
                precondition(push.peerCount == 0)
            }
        }
    }
}
