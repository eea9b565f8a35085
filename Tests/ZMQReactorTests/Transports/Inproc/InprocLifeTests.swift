import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Rules of all transports, within a program.
@Suite(.hangLimit)
struct InprocLifeTests {
    @Test(
        "a socket may be closed in any of its events",
        arguments: ["listening", "accepted", "connected", "handshake-succeeded", "disconnected"],
        [true, false]
    )
    func closeInEvent(name: String, binds: Bool) throws {
        try withTimedScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let socket = try scene.push { $0.linger = .untilSent }
            var names: [String] = []
            socket.onEvent = { socket, event in
                names.append(event.name)
                if event.name == name { socket.close() }
            }
            let other = try scene.pull { _, _ in }
            try (binds ? other : socket).connect(endpoint)
            if !socket.isClosed || !binds { _ = try (binds ? socket : other).bind(endpoint) }
            if name == "disconnected" {
                try scene.run(until: { socket.peerCount == 1 })
                try scene.close(other)
            }
            scene.settle()
            try scene.close(socket)
            #expect(names.drop { $0 != name }.dropFirst().allSatisfy { ["disconnected", "closed"].contains($0) })
            #expect(socket.listeners.isEmpty && socket.connectors.isEmpty)
            #expect(socket.pipes.compactMap(\.self).isEmpty)
        }
    }

    @Test("a socket may be closed when a new peer makes room", arguments: [true, false])
    func closeWhenWritable(binds: Bool) throws {
        try withScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let push = try scene.push({ $0.isImmediate = true }, handler: Recorder { $0.close() })
            let other = try scene.pull { _, _ in }
            try (binds ? other : push).connect(endpoint)
            #expect(try push.send("no peer yet") == .wouldBlock)
            try (binds ? push : other).bind(endpoint)
            try scene.run(until: { push.isClosed })
            try scene.close(push)
            #expect(push.pipes.compactMap(\.self).isEmpty)
        }
    }

    @Test("a disconnected endpoint gets no more messages, and its queued messages are reported")
    func disconnect() throws {
        try withVirtualScene { scene in
            let push = try scene.push { $0.linger = .atMost(.milliseconds(20)) }
            let endpoint = Unique.inprocEndpoint()
            try push.connect(endpoint)
            #expect(try push.send("for a peer that never comes..") == .accepted)
            try push.configure { $0.linger = .untilSent }  // applies to later connects
            var report: CloseReport?
            try push.disconnect(endpoint) { report = $0 }
            #expect(try push.send("no peer yet") == .wouldBlock)
            try scene.run(until: { report != nil }, "the end of the linger")
            #expect(report?.unsentMessages == 1)
            #expect(#expect(throws: ZMQError.self) { try push.disconnect(endpoint) }?.code == .noSuchEndpoint)
        }
    }

    @Test("both sides get the reason for the end of a connection", arguments: [true, false])
    func reasons(binderCloses: Bool) throws {
        try withScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let (binder, connector) = (try scene.pair(), try scene.pair())
            var reasons: [String: EventReason.Kind] = [:]
            for (name, socket) in [("binder", binder), ("connector", connector)] {
                socket.onEvent = { _, event in if event.isDisconnect { reasons[name] = event.reason?.kind } }
            }
            try binder.bind(endpoint)
            try connector.connect(endpoint)
            try scene.run(until: { binder.peerCount == 1 && connector.peerCount == 1 })
            try scene.close(binderCloses ? binder : connector)
            try scene.run(until: { reasons.count == 2 })
            #expect(reasons["binder"] == (binderCloses ? .closed : .peerClosed))
            #expect(reasons["connector"] == (binderCloses ? .peerClosed : .closed))
        }
    }

    @Test("PUB-10: a subscriber of an ended thread is detected within a send, and ends after it")
    func threadOver() throws {
        try withScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let publisher = try scene.pub()
            try publisher.bind(endpoint)
            let context = scene.context
            let thread = try Reactor.start { reactor in
                let gone = try SubSocket(on: reactor, in: context)
                for topic in ["", "x"] { try gone.subscribe(to: topic) }
                try gone.connect(endpoint)
            }
            let sub = try scene.sub(to: "", "x")
            try sub.connect(endpoint)
            try scene.wait(for: 2, subscribersOf: publisher, to: "x")
            var (isSending, endsWhileSending, ends) = (false, 0, 0)
            publisher.onEvent = { _, event in
                guard event.isDisconnect else { return }
                ends += 1
                if isSending { endsWhileSending += 1 }
            }
            thread.stop()
            thread.join()
            // More than the end of the turn handles.
            isSending = true
            for _ in 0..<500 { try publisher.send("x") }
            isSending = false
            try scene.run(until: { ends == 1 && sub.messagesWaiting == 500 })
            #expect(endsWhileSending == 0)
            #expect(publisher.peerCount == 1 && publisher.topicCount == 2)
        }
    }

    @Test("TOP-10: sockets that wait for a name go on waiting when it is freed in the event of its binding")
    func unbindingAtOnce() throws {
        try withScene(in: Context()) { scene in
            let endpoint = Unique.inprocEndpoint()
            let push = try scene.push()
            try push.connect(endpoint)
            #expect(try push.send("x") == .accepted)
            let first = try scene.pull()
            first.onEvent = { socket, event in
                if case .listening(let bound) = event { try? socket.unbind(bound) }
            }
            try first.bind(endpoint)
            scene.reactor.run(.nowait)
            let second = try scene.pull()
            try second.bind(endpoint)
            #expect(try scene.receive(second).text == "x")
        }
    }

    @Test("an immediate socket queues only for connected peers")
    func immediate() throws {
        try withScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let push = try scene.push { $0.isImmediate = true }
            try push.connect(endpoint)
            #expect(try push.send("early") == .wouldBlock)
            let first = try scene.pull()
            try first.bind(endpoint)
            try scene.run(until: { push.peerCount == 1 })
            #expect(try push.send("in time") == .accepted)
            #expect(try scene.receive(first).text == "in time")
            try scene.close(first)
            try scene.run(until: { push.peerCount == 0 })
            #expect(try push.send("late") == .wouldBlock)
            let second = try scene.pull()
            try second.bind(endpoint)
            try scene.run(until: { push.peerCount == 1 })
            #expect(try push.send("again") == .accepted)
            #expect(try scene.receive(second).text == "again")
        }
    }

    @Test("CMB-11, N-7: an incompatible socket gives up, as over tcp", arguments: [true, false])
    func misfit(bindsFirst: Bool) throws {
        try withScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let (publisher, pull) = (try scene.pub(), try scene.pull())
            var events: [String] = []
            pull.onEvent = { _, event in events.append(event.name) }
            if bindsFirst { try publisher.bind(endpoint) }
            try pull.connect(endpoint)
            if !bindsFirst { try publisher.bind(endpoint) }
            try scene.run(until: { events == ["handshake-failed", "closed"] }, "the end of the attempts")
            #expect(#expect(throws: ZMQError.self) { try pull.disconnect(endpoint) }?.code == .noSuchEndpoint)
        }
    }

    @Test("CTX-09: when the context ends, no socket waits for a bind; queued messages are reported")
    func termination() throws {
        let context = Context.ofTests()
        try withScene(in: context) { scene in
            let push = try scene.push { $0.linger = .untilSent }
            try push.connect(Unique.inprocEndpoint())
            #expect(try push.send("no peer yet") == .accepted)
            let closing = try scene.push { $0.linger = .untilSent }
            try closing.connect(Unique.inprocEndpoint())
            #expect(try closing.send("for no peer, either") == .accepted)
            closing.close()
            scene.settle()
            #expect(context.isTerminated == false && closing.lingering != nil, "a peer may still connect")
            let unsent = Locked<Int?>(nil)
            context.terminate { report in unsent.withLock { $0 = report.unsentMessages } }
            try scene.run(until: { unsent.withLock { $0 } != nil }, "the end of the context")
            #expect(unsent.withLock { $0 } == 2)
        }
    }
}
