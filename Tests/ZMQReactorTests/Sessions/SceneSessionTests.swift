import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMQReactor

/// Sessions in virtual time, on a reactor of the scene in the place of an I/O thread.
@Suite(.hangLimit)
struct SceneSessionTests {
    @Test("an endpoint is bound in a session, unbound, and bound again", arguments: [false, true])
    func binding(isConnectorsSession: Bool) throws {
        try withTestScene { scene in
            let io = try scene.makeReactor()
            let context = Context(onReactors: [io.handle])
            let pull = try PullSocket(on: scene.reactor, in: context)
            let push = try PushSocket(on: scene.makeReactor(), in: isConnectorsSession ? context : Context())
            try push.connect("memory://work")
            for text in ["first", "second"] {
                try pull.bind("memory://work")
                #expect(try push.send(text) == .accepted)
                try scene.run(until: { try pull.tryReceive()?.string == text })
                if text == "first" { #expect(context.io.loads == [isConnectorsSession ? 2 : 1]) }
                // The name is free when this returns.
                try pull.unbind("memory://work")
            }
        }
    }

    /// Lets time pass for one reactor alone, as if the threads of the others computed.
    private func run(_ reactor: Reactor, in scene: TestScene, until condition: () -> Bool) throws {
        for _ in 0..<10_000 where !condition() {
            if reactor.hasWork {
                reactor.run(.nowait)
            } else if let deadline = reactor.nextDeadline {
                scene.clock.advance(to: deadline)
            } else {
                break
            }
        }
        try #require(condition())
    }

    @Test("a reply that the session has read when its REQ gives up is received, and dropped as undelivered")
    func givenUp() throws {
        try withTestScene { scene in
            let (io, owner) = (try scene.makeReactor(), try scene.makeReactor())
            let req = try ReqSocket(on: owner, in: Context(onReactors: [io.handle]))
            let rep = try RepSocket(on: scene.reactor, in: Context()) { $2.send($1) }
            try req.bind("memory://requests")
            try rep.connect("memory://requests")
            try scene.run(until: { req.peerCount == 1 })
            var results: [Result<Message, ZMQError>] = []
            try req.request("x") { results.append($0) }
            owner.run(.nowait)
            // The reply comes while the owner computes.
            for _ in 0..<1000 where !owner.hasWork {
                let (working, deadlines) = (
                    [io, scene.reactor].filter(\.hasWork), [io, scene.reactor].compactMap(\.nextDeadline)
                )
                for reactor in working { reactor.run(.nowait) }
                if working.isEmpty, let next = deadlines.min() { scene.clock.advance(to: next) }
            }
            try #require(results.isEmpty && owner.hasWork)
            req.cancelRequest()
            try scene.run(until: { req.peerCount == 0 })
            #expect(results.count == 1 && (try? results[0].get()) == nil)
            #expect(req.statistics.messagesReceived == 1)
            #expect(req.statistics.dropped[.undelivered] == 1)
        }
    }

    @Test("Q-1, S-5: while a handler computes, its peer restarts, is subscribed to, and is sent what is queued")
    func restart() throws {
        try withTestScene { scene in
            let io = try scene.makeReactor()
            let context = Context(onReactors: [io.handle])
            let owner = try scene.makeReactor()
            let push = try PushSocket(on: owner, in: context, options: Scene.options { _ in })
            let sub = try SubSocket(on: owner, in: context, options: Scene.options { _ in })
            try sub.subscribe(to: "a")
            for socket in [push, sub] as [Socket] { try socket.connect("memory://\(socket.type)") }
            #expect(try push.send("queued") == .accepted)
            owner.run(.nowait)
            // From here on the owner's handler computes. Nothing listens yet.
            let start = scene.elapsed
            var peers: [RawPeer] = []
            for _ in 0..<3 {
                let (pulls, pubs) = (
                    try scene.rawListener(at: "memory://PUSH"), try scene.rawListener(at: "memory://SUB")
                )
                var (pull, pub): (RawPeer?, RawPeer?)
                // The listeners are on the scene's reactor.
                func accept() {
                    scene.reactor.run(.nowait)
                    (pull, pub) = (pull ?? pulls.accept(), pub ?? pubs.accept())
                }
                func arrives(_ what: @escaping () -> Bool) throws {
                    try run(io, in: scene) {
                        accept()
                        return what()
                    }
                }
                try arrives { pull != nil && pub != nil }
                pull!.shakeHands(as: "PULL")
                pub!.shakeHands(as: "PUB")
                try arrives { pub!.hasReceived(Wire.command("SUBSCRIBE", [97])) }
                if peers.isEmpty { try arrives { pull!.hasReceived(Wire.message("queued")) } }
                peers += [pull!, pub!]
                for peer in [pull!, pub!] { peer.hangUp() }
                for listener in [pulls, pubs] { listener.close() }
            }
            #expect(scene.elapsed - start > .zero)
        }
    }
}
