import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct PushPullTests {
    @Test("TOP-01, TOP-02: messages pass, either side binding", arguments: [true, false])
    func messagesPass(pullBinds: Bool) throws {
        try withScene { scene in
            let inbox = Recorder()
            let push = try scene.push()
            let pull = try scene.pull { inbox.add($1) }
            if pullBinds { try push.connect(pull.bind(anyPort)) } else { try pull.connect(push.bind(anyPort)) }
            try scene.run(until: { push.peerCount == 1 && pull.peerCount == 1 }, "the handshake")
            #expect(try push.send("text") == .accepted)
            #expect(try push.send([0, 1, 255]) == .accepted)
            #expect(try push.send(["a", "", "c"] as Message) == .accepted)
            #expect(try push.send(Message()) == .accepted)
            try scene.run(until: { inbox.count == 4 })
            #expect(inbox.messages == ["text", Message([0, 1, 255] as [UInt8]), ["a", "", "c"], Message()])
            #expect(push.statistics.messagesSent == 4)
            #expect(pull.statistics.messagesReceived == 4)
        }
    }

    @Test("received messages stay unchanged, after further ones and after the socket")
    func messagesStay() throws {
        try withScene { scene in
            let inbox = Recorder()
            let push = try scene.push()
            let pull = try scene.pull { inbox.add($1) }
            try push.connect(pull.bind(anyPort))
            for number in 0..<5000 {
                try scene.run(until: { try push.send("\(number)") == .accepted })
            }
            try scene.run(until: { inbox.count == 5000 })
            try scene.close(pull)
            #expect(inbox.texts == (0..<5000).map(String.init))
        }
    }

    @Test("TOP-13, TOP-14: messages sent before there is a peer arrive")
    func connectBeforeBind() throws {
        try withTimedScene { scene in
            let endpoint = try scene.freshEndpoint()
            let push = try scene.push()
            try push.connect(endpoint)
            #expect(try push.send("early") == .accepted)
            scene.settle()
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            try pull.bind(endpoint)
            try scene.run(until: { inbox.count == 1 })
            #expect(inbox.texts == ["early"])
        }
    }

    @Test("TOP-09: connecting to a dead port succeeds at once and continues in the background")
    func connectWithoutAListener() throws {
        try withScene { scene in
            var delays = 0
            let push = try scene.push()
            push.onEvent = { _, event in if case .connectDelayed = event { delays += 1 } }
            try push.connect(freeEndpoint())
            try scene.run(until: { delays >= 3 }, "three attempts")
        }
    }

    @Test("localhost is found")
    func localhost() throws {
        try withScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            let endpoint = try pull.bind("tcp://127.0.0.1:*")
            let push = try scene.push()
            try push.connect("tcp://localhost:\(endpoint.split(separator: ":").last!)")
            #expect(try push.send("hello") == .accepted)
            try scene.run(until: { inbox.count == 1 })
        }
    }

    @Test("TOP-05, PSH-7: a PUSH connected to three PULLs sends to them in turn")
    func manyOutgoing() throws {
        try withScene { scene in
            let inboxes = [Recorder(), Recorder(), Recorder()]
            let push = try scene.push()
            for inbox in inboxes {
                let pull = try scene.pull { inbox.add($1) }
                try push.connect(pull.bind(anyPort))
            }
            for number in 0..<300 { #expect(try push.send("\(number)") == .accepted) }
            try scene.run(until: { inboxes.allSatisfy { $0.count == 100 } })
            for (first, inbox) in inboxes.enumerated() {
                #expect(inbox.texts == stride(from: first, to: 300, by: 3).map(String.init))
            }
        }
    }

    @Test("TOP-06: four workers connected before the batch get a quarter each")
    func manyIncoming() throws {
        try withScene { scene in
            let inboxes = [Recorder(), Recorder(), Recorder(), Recorder()]
            let push = try scene.push()
            let endpoint = try push.bind(anyPort)
            for inbox in inboxes {
                let pull = try scene.pull { inbox.add($1) }
                try pull.connect(endpoint)
            }
            try scene.run(until: { push.peerCount == 4 })
            for number in 0..<100 { #expect(try push.send("\(number)") == .accepted) }
            try scene.run(until: { inboxes.allSatisfy { $0.count == 25 } })
        }
    }

    @Test("TOP-07, TOP-16: one socket bound to two ports and connected to a third serves all")
    func mixed() throws {
        try withScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            let one = try scene.push()
            let two = try scene.push()
            let three = try scene.push()
            try one.connect(pull.bind(anyPort))
            try two.connect(pull.bind(anyPort))
            try pull.connect(three.bind(anyPort))
            try scene.run(until: { pull.peerCount == 3 && three.peerCount == 1 })
            for (number, push) in [one, two, three].enumerated() {
                #expect(try push.send("\(number)") == .accepted)
            }
            try scene.run(until: { inbox.count == 3 })
            #expect(inbox.texts.sorted() == ["0", "1", "2"])
        }
    }

    @Test("PLL-7: without a handler messages are received fairly from all peers")
    func tryReceiveIsFair() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind(anyPort)
            #expect(try pull.tryReceive() == nil)
            for (name, count) in [("a", 6), ("b", 3)] {
                let push = try scene.push()
                try push.connect(endpoint)
                for _ in 0..<count { _ = try push.send(name) }
                let before = pull.statistics.messagesReceived
                try scene.run(until: { pull.statistics.messagesReceived == before + count })
            }
            var texts: [String] = []
            while let message = try pull.tryReceive() { texts.append(message.string) }
            #expect(texts.joined() == "abababaaa")
        }
    }

    @Test("clients that connect and disconnect a hundred times leave nothing behind")
    func comingAndGoing() throws {
        try withScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            let endpoint = try pull.bind(anyPort)
            for round in 1...100 {
                let push = try scene.push()
                try push.connect(endpoint)
                _ = try push.send("\(round)")
                try scene.close(push)
                try scene.run(until: { inbox.count == round && pull.peerCount == 0 })
            }
            #expect(pull.pipes.compactMap { $0 }.isEmpty)
            #expect(pull.pipes.count <= 2, "slots are reused")
        }
    }

    @Test("CTX-06: a thousand connections to one socket, all served, and every descriptor is closed")
    func aThousandConnections() async {
        // In its own process, so that no other descriptors are counted.
        await #expect(processExitsWith: .success) {
            try raiseDescriptorLimit(to: 4096)
            try connectAThousandTimes()
        }
    }
}

private func connectAThousandTimes() throws {
    try withScene { scene in
        let start = openSockets()
        let inbox = Recorder()
        let pull = try scene.pull { inbox.add($1) }
        let endpoint = try pull.bind(anyPort)
        let push = try scene.push()
        for _ in 0..<1000 { try push.connect(endpoint) }
        try scene.run(
            until: { pull.peerCount == 1000 && push.peerCount == 1000 },
            "1,000 handshakes",
            within: .seconds(30)
        )
        for number in 0..<1000 { _ = try push.send("\(number)") }
        try scene.run(until: { inbox.count == 1000 })
        guard Set(inbox.texts).count == 1000 else { throw TestFailure("some arrived twice") }
        try scene.close(push)
        try scene.close(pull)
        let left = openSockets().subtracting(start)
        guard left.isEmpty else { throw TestFailure("still open: \(left)") }
    }
}

/// The process's sockets of the operating system; other descriptors may belong to the runtime.
private func openSockets() -> Set<String> {
    Set(ProcessResources.openDescriptors().values.filter { $0.hasPrefix("socket:") })
}
