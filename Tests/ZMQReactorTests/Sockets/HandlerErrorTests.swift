import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// What the closures of sockets throw.
@Suite(.hangLimit)
struct SocketHandlerErrorTests {
    private struct Fault: Error {}

    @Test("it is reported with the socket, which is given the next message as well")
    func closures() throws {
        try withVirtualScene { scene in
            var reported: [ObjectIdentifier] = []
            scene.reactor.onError = { error, source in
                #expect(error is Fault)
                reported.append(ObjectIdentifier(source))
            }
            let pull = try scene.pull { _, _ in throw Fault() }
            let push = try scene.push()
            try scene.connect(push, to: pull)
            let rep = try scene.rep { _, _, reply in
                reply.send("first")
                throw Fault()
            }
            let req = try scene.req()
            try scene.connect(req, to: rep)
            let (left, right) = (try scene.pair(), try scene.pair())
            left.onMessage { _, _ in throw Fault() }
            try scene.connect(right, to: left)
            for _ in 0..<3 { try #expect(push.send("x") == .accepted) }
            try #expect(req.send("x") == .accepted && right.send("x") == .accepted)
            #expect(try scene.receive(req).string == "first")
            try scene.wait("all errors") { reported.count == 5 }
            #expect(reported.count { $0 == ObjectIdentifier(pull) } == 3)
            #expect(Set(reported) == Set([pull, rep, left].map { ObjectIdentifier($0) }))
            #expect(scene.reactor.handlerErrorCount == 5)
        }
    }
}
