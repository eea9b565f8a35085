import Testing
import ZMQReactorTesting

@testable import ZMTP

struct CommandLimitTests {
    /// The engine's events, call by call, in these frames, at most `limit` at once.
    private func calls(
        limit: Int,
        behind handshake: [UInt8] = Wire.greeting() + Wire.ready(.push),
        _ frames: [UInt8]
    ) throws -> [String] {
        var engine = Engine(.accepting(.pull, legacy: true))
        let bytes = handshake + frames
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
            case .part(let work): found.append("p\(work)")
            case .pong: found.append("pong")
            case .subscription, .bytes, .undecided: found.append("something else")
            case .needsInput: return found
            }
        }
    }

    @Test("commands are handled in portions, like messages") func portions() throws {
        let frames = (0..<25).flatMap { _ in Wire.ping("x") } + Wire.message("m")
        #expect(try calls(limit: 10, frames) == ["10", "10", "5", "m1"])
        #expect(try calls(limit: 5, frames) == ["5", "5", "5", "5", "5", "m1"])
        #expect(try calls(limit: .max, frames) == ["25", "m1"])
    }

    @Test("commands in front of a message or a PONG, or between frames, count") func counted() throws {
        let commands = Wire.command("X") + Wire.ping() + Wire.command("READY")
        let rounds = (0..<2).flatMap { _ in commands + Wire.message("m") + commands + Wire.pong() }
        #expect(try calls(limit: 10, rounds) == ["3", "m1", "3", "pong", "3", "m1", "3", "pong"])
        let inside = Wire.frame(flags: 1, [1]) + commands + Wire.frame(flags: 0, [2]) + commands
        #expect(try calls(limit: 10, inside) == ["3", "m1", "3"])
        #expect(try calls(limit: 2, inside) == ["2", "1", "m1", "2", "1"])
    }

    @Test("a message of very many frames is found in parts, also around commands")
    func parts() throws {
        func frames(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in Wire.frame(flags: 1, []) } }
        let most = MessageScanner.framesAtOnce
        let (part, last) = ("p\(most / 16)", Wire.message(""))
        #expect(try calls(limit: 10, frames(most - 1) + last) == ["m1"])
        #expect(try calls(limit: 10, frames(most) + last) == ["m1"])
        #expect(try calls(limit: 10, frames(most + 1) + last) == [part, "m1"])
        #expect(try calls(limit: 10, frames(3 * most) + last) == [part, part, "m1"])
        // What is whole is handed on first.
        #expect(try calls(limit: 10, last + frames(3 * most) + last) == ["m1", part, "m1"])
        let around = frames(most / 2) + Wire.ping("x") + frames(most) + Wire.command("X") + frames(most / 2) + last
        #expect(try calls(limit: 10, around) == ["1", part, "1", "m1"])
        let behind = frames(1) + Wire.ping("x") + frames(most + 1) + last
        #expect(try calls(limit: 10, behind) == ["1", part, "m1"])
    }

    @Test("frames of 1.0 that complete no message are opened in parts, and so are lengths of zero that are skipped")
    func partsOfVersion1() throws {
        func calls(_ frames: [UInt8]) throws -> [String] {
            try self.calls(limit: 10, behind: Wire.anonymous1, frames)
        }
        let most = OpenedInput.stepsAtOnce
        let (part, last): (String, [UInt8]) = ("p\(most)", [1, 0])
        func frames(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in [1, 1] as [UInt8] } }
        #expect(try calls(frames(most - 1) + last) == ["m1"])
        #expect(try calls(frames(2 * most + 1) + last) == [part, part, "m1"])
        #expect(try calls([UInt8](repeating: 0, count: 2 * most + 1) + last) == [part, part, "m1"])
        #expect(try calls(frames(1) + [UInt8](repeating: 0, count: most) + last) == [part, "m1"])
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
