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

    /// Lets time pass for some reactors, as if the threads of the others computed.
    private func run(_ reactors: Reactor..., in scene: TestScene, until condition: () -> Bool) throws {
        for _ in 0..<10_000 where !condition() {
            let working = reactors.filter(\.hasWork)
            for reactor in working { reactor.run(.nowait) }
            guard working.isEmpty else { continue }
            guard let deadline = reactors.compactMap(\.nextDeadline).min() else { break }
            scene.clock.advance(to: deadline)
        }
        try #require(condition())
    }

    @Test("what the session has read when its endpoint is disconnected is taken, or dropped as undelivered")
    func disconnected() throws {
        try withTestScene { scene in
            let (io, owner) = (try scene.makeReactor(), try scene.makeReactor())
            var taken = 0
            let pull = try PullSocket(on: owner, in: Context(onReactors: [io.handle])) { _, _ in taken += 1 }
            let push = try PushSocket(on: scene.reactor, in: Context())
            try push.bind("memory://work")
            try pull.connect("memory://work")
            try scene.run(until: { pull.peerCount == 1 && push.peerCount == 1 })
            for text in ["one", "two"] { #expect(try push.send(text) == .accepted) }
            try run(io, scene.reactor, in: scene, until: { owner.hasWork })
            try #require(pull.statistics.messagesReceived == 0)
            try pull.disconnect("memory://work")
            try scene.run(until: { push.peerCount == 0 })
            #expect(pull.statistics.messagesReceived == 2)
            #expect(taken + pull.statistics.dropped[.undelivered] == 2)
        }
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
            try run(io, scene.reactor, in: scene, until: { owner.hasWork })
            #expect(results.isEmpty)
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
