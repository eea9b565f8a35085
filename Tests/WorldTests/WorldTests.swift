import Testing

@Suite(.timeLimit(.minutes(30)))
struct WorldTests {
    private static let seconds = 3

    @Test("in a world of faults the books balance", arguments: 1...8)
    func books(seed: UInt64) throws {
        let outcome = try World.run(seed: seed, seconds: Self.seconds)
        #expect(outcome.messages > 0)
        #expect(
            outcome.problems == [],
            "the world fails; replay it with: Tests/world --seconds \(Self.seconds) --seed \(seed)"
        )
    }

    @Test("a world leaves no descriptor behind")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            // What else is in the process may open one, but not each time.
            let left = try (1...3).map { _ in
                try World.run(seed: 11, seconds: 1, isAlone: true).facts.remains.descriptors
            }
            precondition(left.contains(0), "the worlds leave \(left) descriptors")
        }
    }

    @Test("the same seed is the same world")
    func replay() throws {
        func run(_ seed: UInt64) throws -> World.Outcome {
            try World.run(seed: seed, seconds: Self.seconds, keepsLines: true)
        }
        let (one, other) = (try run(3), try run(3))
        #expect(one.digest == other.digest)
        let difference = zip(one.lines, other.lines).enumerated().first { $1.0 != $1.1 }
        #expect(difference == nil, "\(String(describing: difference))")
        #expect(try run(4).digest != one.digest)
    }
}
