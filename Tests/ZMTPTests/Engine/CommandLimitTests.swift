import Testing
import ZMQReactorTesting

@testable import ZMTP

struct CommandLimitTests {
    /// The engine's events, call by call, in 25 PINGs and a message, at most `limit` at once.
    private func calls(limit: Int) throws -> [String] {
        var engine = Engine(.accepting(.pull))
        let bytes = Wire.greeting() + Wire.ready(.push) + (0..<25).flatMap { _ in Wire.ping("x") } + Wire.message("m")
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        var input = Input(base: memory.baseAddress!, start: 0, end: bytes.count)
        var found: [String] = []
        while true {
            switch try engine.next(&input, limit: limit) {
            case .handshakeCompleted: break
            case .commands(let count): found.append("\(count)")
            case .messages(_, _, let count): found.append("m\(count)")
            case .subscription, .pong, .bytes, .undecided: found.append("something else")
            case .needsInput: return found
            }
        }
    }

    @Test("commands are handled in portions, like messages") func portions() throws {
        #expect(try calls(limit: 10) == ["10", "10", "m1"])
        #expect(try calls(limit: 5) == ["5", "5", "5", "5", "5", "m1"])
        #expect(try calls(limit: .max) == ["m1"])
    }

    @Test("S-3: a subscription that is a command has the limits of a message", arguments: ["SUBSCRIBE", "CANCEL"])
    func subscriptionSize(name: String) {
        func outcome(topicSize: Int) -> Transcript {
            traffic(Wire.command(name, Wire.zeros(topicSize)), to: .pub, from: .sub, maxMessageSize: 10)
        }
        #expect(outcome(topicSize: 9).failure == nil)
        #expect(outcome(topicSize: 10).failure == .messageTooLarge(limit: 10))
    }
}
