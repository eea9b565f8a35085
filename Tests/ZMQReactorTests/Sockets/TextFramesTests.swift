import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct TextFramesTests {
    @Test("an array of texts is sent as a message with a frame for each")
    func sends() throws {
        try withVirtualScene { scene in
            let inbox = Recorder()
            let push = try scene.push()
            let pull = try scene.pull { inbox.add($1) }
            try scene.connect(push, to: pull)
            let name = String("b")
            #expect(try push.send(["a", name]) == .accepted)
            #expect(try push.send([name, name].map { $0 + "" }) == .accepted)
            #expect(try push.send(["", "ü"]) == .accepted)
            try scene.run(until: { inbox.count == 3 })
            #expect(inbox.messages == [["a", "b"], ["b", "b"], ["", "ü"]])
        }
    }

    @Test("without a text there is no message")
    func refusesNothing() throws {
        try withVirtualScene { scene in
            let none: [String] = []
            let (push, pub, rep) = (try scene.push(), try scene.pub(), try scene.rep())
            let sends: [() throws -> SendResult] = [
                { try push.send(none) }, { try pub.send(none) }, { try rep.send(none) },
            ]
            for send in sends {
                #expect { _ = try send() } throws: { ($0 as? ZMQError)?.code == .invalidArgument }
            }
        }
    }
}
