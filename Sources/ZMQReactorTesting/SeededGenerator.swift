import EventReactor

/// Random numbers that are the same in every run with the same seed (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator {
    private var generator: SplitMix64

    /// A generator whose numbers depend on the seed alone.
    public init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    /// The next number.
    public mutating func next() -> UInt64 { generator.next() }

    /// A number from 0 up to, but not including, `bound`, which is 1 or more.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
