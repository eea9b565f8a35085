/// Bytes that both sides of a test can generate, so that they need not be sent for comparison.
///
/// One block of noise, cut at an offset that depends on the seed: a lost, duplicated or moved byte is detected.
/// `Tests/Peers/patterns.py` generates the same.
public enum Pattern {
    public static func bytes(_ size: Int, seed: Int = 0) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(size)
        var start = (seed * 7_919) % noise.count
        while result.count < size {
            let count = min(size - result.count, noise.count - start)
            result += noise[start..<start + count]
            start = 0
        }
        return result
    }

    private static let noise: [UInt8] = {
        var state: UInt32 = 1
        return (0..<65_521).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }()
}
