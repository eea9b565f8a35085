import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Steering a proxy with messages.
@Suite(.hangLimit)
struct ProxyControlTests {
    /// Sends three messages of two bytes through a streamer and waits for them.
    private func pass(_ scene: Scene, _ producers: PullSocket, _ consumers: PushSocket) throws {
        let (push, pull) = try (scene.push(), scene.pull())
        try scene.join(push, to: producers)
        try scene.join(pull, to: consumers)
        for _ in 0..<3 { #expect(try push.send("ab") == .accepted) }
        #expect(try scene.receive(3, pull) == ["ab", "ab", "ab"])
    }

    /// The numbers in a reply.
    private func numbers(_ message: Message) -> [UInt64] {
        message.map { frame in frame.withUnsafeBytes { $0.count == 8 ? $0.loadUnaligned(as: UInt64.self) : .max } }
    }

    @Test("PRX-22: PAUSE, RESUME, STATISTICS and TERMINATE over a PAIR; anything else has no effect")
    func pair() throws {
        try withScene { scene in
            let (control, remote) = try (scene.pair(), scene.pair())
            let (producers, consumers) = try (scene.pull(), scene.push())
            let proxy = try Proxy(frontend: producers, backend: consumers, control: control)
            try scene.join(remote, to: control)
            try pass(scene, producers, consumers)
            for text in ["nonsense", "", "STATISTICS"] { #expect(try remote.send(Message(text)) == .accepted) }
            #expect(try numbers(scene.receive(remote)) == [3, 6, 0, 0, 0, 0, 3, 6])
            #expect(try remote.send("PAUSE") == .accepted)
            try scene.wait("the pause") { proxy.isPaused }
            #expect(try remote.send("RESUME") == .accepted)
            try scene.wait("the end of the pause") { !proxy.isPaused }
            #expect(try remote.send("TERMINATE") == .accepted)
            try scene.wait("the end") { proxy.end != nil }
            for socket in [control, producers, consumers] { #expect(socket.consumer == nil && !socket.isClosed) }
        }
    }

    @Test("PRX-22: a REP replies to everything; a ROUTER replies to the sender")
    func answering() throws {
        try withScene { scene in
            let controls: [Socket] = try [scene.rep(), scene.router()]
            for control in controls {
                let (producers, consumers) = try (scene.pull(), scene.push())
                let proxy = try Proxy(frontend: producers, backend: consumers, control: control)
                let req = try scene.req()
                try scene.join(req, to: control)
                try pass(scene, producers, consumers)
                #expect(try req.send("STATISTICS") == .accepted)
                #expect(try numbers(scene.receive(req)) == [3, 6, 0, 0, 0, 0, 3, 6])
                if control is RepSocket {
                    for text in ["PAUSE", "what?", "RESUME"] { #expect(try scene.ask(req, text) == "") }
                }
                #expect(try req.send("TERMINATE") == .accepted)
                try scene.wait("the end") { proxy.end != nil }
                if control is RepSocket { #expect(try scene.receive(req) == "") }
            }
        }
    }

    @Test("PRX-22: a PULL and a SUB accept commands without replies")
    func oneWay() throws {
        try withScene { scene in
            let (pull, sub, push, pub) = try (scene.pull(), scene.sub(to: ""), scene.push(), scene.pub())
            try scene.join(push, to: pull)
            try scene.join(pub, to: sub)
            try scene.wait("the subscription") { pub.topicCount == 1 }
            for control in [pull, sub] as [Socket] {
                func tell(_ command: Message) throws {
                    if control === sub { try pub.send(command) } else { _ = try push.send(command) }
                }
                let proxy = try Proxy(frontend: scene.pull(), backend: scene.push(), control: control)
                try tell("STATISTICS")
                try tell("PAUSE")
                try scene.wait("the pause") { proxy.isPaused }
                try tell("TERMINATE")
                try scene.wait("the end") { proxy.end != nil }
            }
        }
    }

    @Test(
        "PRX-22: commands that arrived before the proxy are carried out; closing the control socket does not affect the proxy"
    )
    func early() throws {
        try withScene { scene in
            let (control, remote) = try (scene.pair(), scene.pair())
            try scene.join(remote, to: control)
            #expect(try remote.send("PAUSE") == .accepted)
            try scene.wait("it") { control.statistics.messagesReceived == 1 }
            let (producers, consumers) = try (scene.pull(), scene.push())
            let proxy = try Proxy(frontend: producers, backend: consumers, control: control)
            try scene.wait("the pause") { proxy.isPaused }
            try scene.close(control)
            #expect(proxy.end == nil)
            proxy.resume()
            try pass(scene, producers, consumers)
        }
    }
}
