import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Invalid combinations of a proxy, and the safety of all valid ones.
@Suite(.hangLimit)
struct ProxyErrorTests {
    private func expectRefusal(_ code: ZMQError.Code = .invalidArgument, _ make: () throws(ZMQError) -> Proxy) {
        do {
            _ = try make()
            Issue.record("it was made")
        } catch {
            #expect(error.code == code, "\(error)")
        }
    }

    @Test("sockets that cannot be used are refused, with advice, and are not changed")
    func refusals() throws {
        try withScene { scene in
            let (pull, push) = try (scene.pull(), scene.push())
            let handled = try scene.pull { _, _ in }
            expectRefusal { () throws(ZMQError) in try Proxy(frontend: handled, backend: push) }
            let (rep, req) = try (scene.rep(), scene.req())
            expectRefusal { () throws(ZMQError) in try Proxy(frontend: rep, backend: req) }
            expectRefusal { () throws(ZMQError) in try Proxy(frontend: pull, backend: push, capture: rep) }
            expectRefusal { () throws(ZMQError) in try Proxy(frontend: pull, backend: push, capture: push) }
            expectRefusal { () throws(ZMQError) in try Proxy(frontend: pull, backend: push, control: req) }
            expectRefusal { () throws(ZMQError) in try Proxy(frontend: pull, backend: push, control: push) }
            let pair = try scene.pair()
            expectRefusal { () throws(ZMQError) in
                try Proxy(frontend: pull, backend: push, capture: pair, control: pair)
            }
            for socket in [pull, push, pair, rep] { #expect(socket.consumer == nil) }
            let proxy = try Proxy(frontend: pull, backend: push)
            expectRefusal { () throws(ZMQError) in try Proxy(frontend: pull, backend: pair) }
            proxy.stop()
            try Proxy(frontend: pull, backend: push)
            let gone = try scene.pull()
            try scene.close(gone)
            expectRefusal(.closed) { () throws(ZMQError) in try Proxy(frontend: gone, backend: pair) }
        }
        try withScene { scene in
            let reactor = try Reactor()
            defer { reactor.closeSockets() }
            let elsewhere = try PushSocket(on: reactor, in: Context())
            let pull = try scene.pull()
            expectRefusal { () throws(ZMQError) in try Proxy(frontend: pull, backend: elsewhere) }
        }
    }

    private static let types: [SocketType] = [
        .push, .pull, .pub, .sub, .xpub, .xsub, .dealer, .router, .pair, .req, .rep, .stream,
    ]

    private func socket(_ scene: Scene, _ type: SocketType) throws -> Socket {
        switch type {
        case .push: try scene.push()
        case .pull: try scene.pull()
        case .pub: try scene.pub()
        case .sub: try scene.sub(to: "")
        case .xpub: try scene.xpub()
        case .xsub: try scene.xsub(to: "")
        case .dealer: try scene.dealer()
        case .router: try scene.router()
        case .pair: try scene.pair()
        case .req: try scene.req()
        case .rep: try scene.rep()
        default: try scene.stream()
        }
    }

    @Test("any two types: refused as a bad argument, or nothing breaks, not even when the context ends")
    func everyPair() throws {
        for front in Self.types {
            for back in Self.types {
                try withScene { scene in
                    let sockets = try [socket(scene, front), socket(scene, back)]
                    let proxy: Proxy
                    do {
                        proxy = try Proxy(frontend: sockets[0], backend: sockets[1])
                    } catch let error as ZMQError {
                        return #expect(error.code == .invalidArgument)
                    }
                    var peers: [Socket] = []
                    for proxied in sockets where proxied.type != .stream {
                        let type: SocketType = proxied.type == .router ? .dealer : proxied.type.compatibleTypes.last!
                        let peer = try socket(scene, type)
                        try scene.join(peer, to: proxied)
                        peers.append(peer)
                    }
                    for round in 0..<10 {
                        for peer in peers where peer.isForwardingSink {
                            for message in ["", ["\(round)"], ["", "x"], [Frame([0]), "", ""]] as [Message] {
                                var batch = MessageBatch(message)
                                peer.forward(&batch, behind: [])
                            }
                        }
                        for _ in 0..<3 { scene.reactor.run(.nowait) }
                        if round == 5 { proxy.pause() }
                        if round == 7 { proxy.resume() }
                    }
                    #expect(proxy.end == nil)
                    scene.context.terminate()
                    try scene.wait("the end") { proxy.end != nil }
                }
            }
        }
    }

    @Test("the same DEALER in both places echoes what it receives")
    func echo() throws {
        try withScene { scene in
            let (dealer, peer) = try (scene.dealer(), scene.dealer())
            try Proxy(frontend: dealer, backend: dealer)
            try scene.join(peer, to: dealer)
            for number in 0..<100 { #expect(try peer.send(["\(number)", "x"]) == .accepted) }
            #expect(try scene.receive(100, peer) == (0..<100).map { "\($0)|x" })
        }
    }

    @Test("messages that a one-way proxy cannot forward stay queued, and can be received after it ends")
    func oneWay() throws {
        try withTimedScene { scene in
            let (pull, dealer) = try (scene.pull(), scene.dealer())
            let proxy = try Proxy(frontend: pull, backend: dealer)
            let (push, peer) = try (scene.push(), scene.dealer())
            try scene.join(push, to: pull)
            try scene.join(peer, to: dealer)
            #expect(try push.send("there") == .accepted)
            #expect(try scene.receive(peer) == "there")
            #expect(try peer.send("back") == .accepted)
            scene.settle()
            proxy.stop()
            #expect(try scene.receive(dealer) == "back")
        }
    }
}
