import Testing
import ZMQReactorTesting

@testable import ZMTP

/// Whatever arrives, nothing traps, and splitting makes no difference.
@Suite struct FuzzTests {
    private static let configurations: [Engine.Configuration] = [
        .accepting(.pull), .connecting(.xpub), .accepting(.router, identity: [1]),
        Engine.Configuration(socketType: .pub, role: .connecting, maxMessageSize: 15),
    ]

    @Test("random bytes as a greeting") func garbage() {
        var random = SeededGenerator(seed: 1)
        var (failures, peers) = (0, 0)
        for round in 0..<40_000 {
            var input = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            // Most of them would fail at the first byte.
            if round % 4 > 0, input.count > 10 { (input[0], input[9]) = (0xFF, 0x7F) }
            if round % 4 > 1, input.count > 10 { input[10] = 3 }
            let whole = transcript(Self.configurations[round % 4], input)
            let split = Int.random(in: 0...input.count, using: &random)
            let found = transcript(Self.configurations[round % 4], input, pieces: [split, 1], limit: 1 + round % 3)
            if found != whole { Issue.record("round \(round) differs when split at \(split): \(input)") }
            if whole.failure != nil { failures += 1 }
            if whole.peer != nil { peers += 1 }
        }
        // None is a whole handshake: the others end early.
        #expect(failures > 15_000 && failures < 35_000 && peers == 0, "\(failures) failures, \(peers) peers")
    }

    @Test("random bytes behind a greeting and in traffic", arguments: 0..<4)
    func frames(kind: Int) {
        var random = SeededGenerator(seed: UInt64(2 + kind))
        let configuration = Self.configurations[kind]
        let peer = configuration.socketType.compatibleTypes[0]
        for round in 0..<20_000 {
            var input = Wire.greeting(minor: UInt8(round & 1))
            if round % 8 != 0 { input += Wire.ready(peer, identity: []) }
            let start = input.count
            while input.count < start + 60 { input += randomFrame(&random) }
            let whole = transcript(configuration, input)
            let split = Int.random(in: start...input.count, using: &random)
            let found = transcript(configuration, input, pieces: [split], limit: 1 + round % 3)
            if found != whole { Issue.record("round \(round) differs when split at \(split): \(input[start...])") }
        }
    }

    @Test("damaged sessions", arguments: Example.all)
    func mutations(example: Example) {
        var random = SeededGenerator(seed: 77)
        for round in 0..<5_000 {
            var input = example.input
            for _ in 0..<Int.random(in: 1...3, using: &random) { damage(&input, &random) }
            let whole = transcript(example.configuration, input)
            let split = Int.random(in: 0...input.count, using: &random)
            let found = transcript(example.configuration, input, pieces: [split, 1, 1])
            if found != whole { Issue.record("round \(round) differs when split at \(split): \(input)") }
        }
    }

    /// Bytes similar to a frame, more often legal than not.
    private func randomFrame(_ random: inout SeededGenerator) -> [UInt8] {
        let body = (0..<Int.random(in: 0...12, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        return switch Int.random(in: 0..<16, using: &random) {
        case 0: body
        case 1: Wire.command("PING", body)
        case 2: Wire.ping("abc")
        case 3: Wire.pong("d")
        case 4: Wire.command("SUBSCRIBE", body)
        case 5: Wire.command("CANCEL", body, long: true)
        case 6: Wire.command("N", body)
        case 7: Wire.frame(flags: UInt8.random(in: 0...7, using: &random), body)
        case 8:
            [UInt8.random(in: 2...3, using: &random)]
                + Wire.bigEndian(.max >> Int.random(in: 0..<63, using: &random), bytes: 8)
        case 9: Wire.frame(flags: 4, body)
        case 10...12: Wire.frame(flags: 1, body, long: body.count % 3 == 0)
        default: Wire.frame(flags: 0, body, long: body.count % 5 == 0)
        }
    }

    private func damage(_ input: inout [UInt8], _ random: inout SeededGenerator) {
        guard !input.isEmpty else { return }
        let index = Int.random(in: 0..<input.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: input[index] = UInt8.random(in: 0...255, using: &random)
        case 1: input[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: input.remove(at: index)
        case 3: input.insert(UInt8.random(in: 0...255, using: &random), at: index)
        default: input.append(contentsOf: input[index...].prefix(40))
        }
    }
}
