/// A parser or state machine, and how to feed it with any bytes.
///
/// Two programs run it: `Tests/fuzz`, with bytes that libFuzzer makes up, and the suite, with the bytes in `Tests/Corpus`.
public struct FuzzTarget: Sendable, CustomStringConvertible {
    /// The name of its file in `Tests/Corpus`, and what `Tests/fuzz --target` takes.
    public let name: String
    /// Feeds it. Returns what is wrong with what came out; nil if all is well.
    public let run: @Sendable (_ input: [UInt8]) -> String?

    public init(_ name: String, run: @escaping @Sendable (_ input: [UInt8]) -> String?) {
        self.name = name
        self.run = run
    }

    public var description: String { name }
}

/// The bytes of one input: the first few choose the circumstances, the rest is what a peer sends.
public struct FuzzInput {
    /// What has not been taken.
    public private(set) var rest: ArraySlice<UInt8>

    public init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// The next byte; 0 behind the end.
    public mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// One of the choices.
    public mutating func choice<T>(_ choices: [T]) -> T { choices[Int(byte()) % choices.count] }

    /// The next `count` bytes, or as many as there are.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}

/// Ways to cut input into pieces.
public enum Cuts {
    /// All at once, a byte at a time, and four times at random: pieces of every magnitude, the same for the same seed.
    ///
    /// Long input is not cut into single bytes, which would take quadratic time.
    public static func of(_ count: Int, seed: UInt8) -> [[Int]] {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func next() -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state >> 33)
        }
        var all: [[Int]] = count <= 512 ? [[Int](repeating: 1, count: count)] : []
        for magnitude in [3, 5, 7, 12] {
            var pieces: [Int] = []
            var left = count
            while left > 0 {
                let piece = min(left, 1 + next() % (1 << (1 + next() % magnitude)))
                pieces.append(piece)
                left -= piece
            }
            all.append(pieces)
        }
        return all
    }
}
