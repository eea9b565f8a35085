import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// What is queued for an endpoint, by every type that queues so, over every transport.
@Suite(.hangLimit)
struct QueueingTypesTests {
    private static let texts = (0..<10).map { "\($0)" }
    private static let threads = [0, 1]

    @Test("every type that sends unasked is in a pair")
    func complete() {
        let types = MatrixType.all.map(\.type).filter {
            $0.traits.contains(.sends) && $0.traits.isDisjoint(with: .lockstep) && ![.router, .server].contains($0)
        }
        #expect(Set(TypePair.all.map(\.sender.type)) == Set(types))
    }

    private func send(_ sender: Socket, behind front: [Frame]) throws {
        for text in Self.texts {
            let message = Message(frames: front + [Frame(text)])
            #expect(try (sender as! any SendingSocket).send(message) == .accepted)
        }
    }

    private func receive(_ scene: Scene, _ receiver: Socket) throws -> [String] {
        try Self.texts.map { _ in try scene.receive(receiver as! any ReceivingSocket).last.string }
    }

    @Test("a disconnect sends what is queued first, in order", arguments: TypePair.queueing, Road.kinds)
    func disconnect(pair: TypePair, road: Road) throws {
        for ioThreads in Self.threads {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let endpoint = try road.freshEndpoint()
                let (sender, receiver) = (try pair.sender.socket(scene), try pair.receiver.socket(scene))
                try sender.configure { $0.linger = .untilSent }
                let front = try sender.connectForSending(to: endpoint)
                try send(sender, behind: front)
                var report: CloseReport?
                try sender.disconnect(endpoint) { report = $0 }
                scene.settle(.milliseconds(5))
                #expect(report == nil)
                try receiver.bind(endpoint)
                #expect(try receive(scene, receiver) == Self.texts)
                try scene.wait("the report") { report != nil }
                #expect(report?.unsentMessages == 0)
            }
        }
    }

    @Test("a close sends what is queued first, within the linger", arguments: TypePair.queueing, Road.kinds)
    func close(pair: TypePair, road: Road) throws {
        for ioThreads in Self.threads {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let endpoint = try road.freshEndpoint()
                let (sender, receiver) = (try pair.sender.socket(scene), try pair.receiver.socket(scene))
                try sender.configure { $0.linger = .untilSent }
                try send(sender, behind: sender.connectForSending(to: endpoint))
                var report: CloseReport?
                sender.close { report = $0 }
                scene.settle(.milliseconds(5))
                #expect(report == nil)
                try receiver.bind(endpoint)
                #expect(try receive(scene, receiver) == Self.texts)
                try scene.wait("the report") { report != nil }
                #expect(report?.unsentMessages == 0)
            }
        }
    }

    @Test("without a peer and without linger, all of it is reported as unsent", arguments: TypePair.queueing, [0, 1])
    func unsent(pair: TypePair, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let sender = try pair.sender.socket(scene)
            try send(sender, behind: sender.connectForSending(to: Road.tcp.freshEndpoint()))
            #expect(try scene.close(sender).unsentMessages == Self.texts.count)
            #expect(sender.statistics.dropped[.lingerExpired] == Self.texts.count)
        }
    }

    @Test("ALL-2: it goes on, in order, with a peer that begins again there", arguments: TypePair.queueing, Road.kinds)
    func restart(pair: TypePair, road: Road) throws {
        for ioThreads in Self.threads {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let endpoint = try road.freshEndpoint()
                let sender = try pair.sender.socket(scene)
                let front = try sender.connectForSending(to: endpoint)
                for _ in 0..<3 {
                    let receiver = try pair.receiver.socket(scene)
                    try receiver.bind(endpoint)
                    try send(sender, behind: front)
                    #expect(try receive(scene, receiver) == Self.texts)
                    try scene.close(receiver)
                    try scene.wait("the loss") { sender.peerCount == 0 }
                }
                #expect(sender.statistics.messagesDropped == 0)
            }
        }
    }
}
