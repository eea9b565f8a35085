import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// An endpoint keeps the options of its bind or connect. In each of these tests the peer connects after a
/// change.
@Suite struct EndpointOptionsTests {
    private static let marks: [(Road, Bool)] = Road.allCases.flatMap { [($0, false), ($0, true)] }

    @Test(
        "a peer that connects after a change is sent as much as the mark of the bind allows",
        .nothingMovesByItself,
        arguments: marks
    )
    func sending(road: Road, inBytes: Bool) throws {
        try withScene { scene in
            let push = try scene.push {
                if inBytes { $0.sendHighWaterMarkBytes = 9 } else { $0.sendHighWaterMark = 3 }
            }
            let pull = try scene.pull {
                if inBytes { $0.receiveHighWaterMarkBytes = 6 } else { $0.receiveHighWaterMark = 2 }
            }
            let endpoint = try push.bind(road.endpoint)
            try push.configure {
                $0.sendHighWaterMark = 10
                $0.sendHighWaterMarkBytes = 1000
            }
            try pull.connect(endpoint)
            try scene.wait("a connection") { push.peerCount == 1 && pull.peerCount == 1 }
            // Three bytes each. Within a program the marks of both sides add up.
            #expect(try push.fill(with: "x") == (road == .inproc ? 5 : 3))
        }
    }

    @Test(
        "a peer that connects after a change is read up to the mark of the bind",
        arguments: [(0, 0), (0, 1), (1, 0), (1, 1)]
    )
    func receiving(ioThreads: Int, inBytes: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let pull = try scene.pull {
                if inBytes == 1 { $0.receiveHighWaterMarkBytes = 9 } else { $0.receiveHighWaterMark = 3 }
            }
            _ = try scene.endpoint(of: pull)
            try pull.configure {
                $0.receiveHighWaterMark = 10
                $0.receiveHighWaterMarkBytes = 1000
            }
            let peer = try scene.rawPeer("PUSH", of: pull)
            for number in 0..<20 { peer.send(message: [UInt8(65 + number)]) }
            try scene.wait("the mark") { pull.statistics.messagesReceived >= 3 }
            scene.settle()
            #expect(pull.statistics.messagesReceived == 3)
            #expect(try scene.receive(20, pull).joined() == "ABCDEFGHIJKLMNOPQRST")
        }
    }

    @Test("a peer that connects after a change is conflated as set at the bind", arguments: Road.allCases)
    func conflating(road: Road) throws {
        try withScene { scene in
            let pull = try scene.pull { $0.isConflating = true }
            let endpoint = try pull.bind(road.endpoint)
            try pull.configure { $0.isConflating = false }
            let push = try scene.push()
            try push.connect(endpoint)
            try scene.wait("a connection") { push.peerCount == 1 && pull.peerCount == 1 }
            for number in 0..<10 { _ = try push.send("\(number)") }
            try scene.wait("all") { pull.statistics.messagesReceived + push.statistics.messagesDropped == 10 }
            #expect(try scene.receiveAll(pull) == ["9"])
        }
    }

    @Test("a peer that connects after a change may send what the bind allows", arguments: [0, 1])
    func messageSize(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull { $0.maxMessageSize = 5 }
            _ = try scene.endpoint(of: pull)
            try pull.configure { $0.maxMessageSize = 100 }
            let peer = try scene.rawPeer("PUSH", of: pull)
            peer.send(message: Array("12345".utf8) + [])
            #expect(try scene.receive(pull) == "12345")
            peer.send(message: Array("123456".utf8))
            try scene.wait("the end") { pull.peerCount == 0 }
        }
    }

    @Test(
        "a connection made after a change queues before it is up, or does not, as set at the connect",
        arguments: Road.kinds,
        [false, true]
    )
    func immediate(road: Road, isImmediate: Bool) throws {
        try withScene { scene in
            let endpoint = try road.freshEndpoint()
            let push = try scene.push { $0.isImmediate = isImmediate }
            try push.connect(endpoint)
            try push.configure { $0.isImmediate = !isImmediate }
            for name in ["first", "second"] {
                #expect(try push.send("x") == (isImmediate ? .wouldBlock : .accepted))
                let pull = try scene.pull()
                try pull.bind(endpoint)
                try scene.wait("the \(name) connection") { push.peerCount == 1 }
                if !isImmediate { #expect(try scene.receive(pull) == "x") }
                try scene.close(pull)
                try scene.wait("the end") { push.peerCount == 0 }
            }
        }
    }

    @Test("ID-2: the routing ID is that of the bind", arguments: Road.allCases)
    func routingID(road: Road) throws {
        try withScene { scene in
            let (dealer, router) = try (scene.dealer(), scene.router())
            try dealer.setRoutingID("before")
            let endpoint = try dealer.bind(road.endpoint)
            try dealer.setRoutingID("after")
            try router.connect(endpoint)
            try scene.wait("a connection") { router.peerCount == 1 && dealer.peerCount == 1 }
            #expect(try dealer.send("x") == .accepted)
            #expect(try scene.receive(router).text == "before|x")
        }
    }

    @Test(
        "a peer that connects after a change is counted against the limits of the bind",
        arguments: Road.allCases
    )
    func limits(road: Road) throws {
        try withScene { scene in
            let pull = try scene.pull { $0.limits.connections = 1 }
            let endpoint = try pull.bind(road.endpoint)
            try pull.configure { $0.limits.connections = 10 }
            for _ in 0..<2 { try scene.push().connect(endpoint) }
            try scene.wait("the refusal") { pull.statistics.limits[.connections] > 0 }
            #expect(pull.peerCount <= 1)
        }
    }
}
