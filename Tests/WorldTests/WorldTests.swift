import Testing

@Suite(.timeLimit(.minutes(30)))
struct WorldTests {
    @Test("in a world of faults the books balance", arguments: 1...6)
    func books(seed: UInt64) throws {
        let outcome = try World.run(seed: seed)
        #expect(outcome.messages > 0)
        #expect(outcome.problems == [], "the world fails; replay it with: Tests/world --seed \(seed)")
    }

    @Test("the same seed is the same world")
    func replay() throws {
        let (one, other) = (try World.run(seed: 3, keepsLines: true), try World.run(seed: 3, keepsLines: true))
        #expect(one.digest == other.digest)
        let difference = zip(one.lines, other.lines).enumerated().first { $1.0 != $1.1 }
        #expect(difference == nil, "\(String(describing: difference))")
        #expect(try World.run(seed: 4).digest != one.digest)
    }
}
