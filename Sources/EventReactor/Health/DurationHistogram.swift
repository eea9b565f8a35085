/// How many durations there were of each order of magnitude. Adding one costs a few comparisons, and no memory.
public struct DurationHistogram: Sendable {
    /// The number of buckets.
    public static var bucketCount: Int { 7 }

    /// The longest duration of each bucket but the last one, which has no limit: 10 µs, 100 µs, 1 ms, 10 ms, 100 ms
    /// and 1 s.
    public static let limits: [Duration] = (0..<bucketCount - 1).map { .nanoseconds(nanoseconds(of: $0)) }

    package typealias Counts<Counter: ~Copyable> = InlineArray<7, Counter>

    private var counts = Counts<Int>(repeating: 0)
    private var nanoseconds: Int64 = 0

    /// An empty histogram.
    public init() {}

    /// The durations in a bucket, which are longer than those in the bucket before it.
    public subscript(bucket: Int) -> Int { counts[bucket] }

    /// The number of durations.
    public var count: Int { counts.indices.reduce(0) { $0 + counts[$1] } }

    /// The sum of all durations.
    public var sum: Duration { .nanoseconds(nanoseconds) }

    /// The durations that were longer than the limit of a bucket.
    public func count(longerThanBucket bucket: Int) -> Int {
        counts.indices.dropFirst(bucket + 1).reduce(0) { $0 + counts[$1] }
    }

    package mutating func add(nanoseconds duration: Int64) {
        counts[Self.bucket(of: duration)] += 1
        nanoseconds = nanoseconds.addingSaturating(max(0, duration))
    }

    package mutating func add(_ count: Int, toBucket bucket: Int) { counts[bucket] += count }

    package mutating func add(sum: Int64) { nanoseconds = nanoseconds.addingSaturating(sum) }

    /// The bucket of a duration.
    package static func bucket(of nanoseconds: Int64) -> Int {
        var (bucket, limit) = (0, Self.nanoseconds(of: 0))
        while bucket < bucketCount - 1, nanoseconds > limit { (bucket, limit) = (bucket + 1, limit * 10) }
        return bucket
    }

    private static func nanoseconds(of bucket: Int) -> Int64 { (0..<bucket).reduce(10_000) { limit, _ in limit * 10 } }
}

extension DurationHistogram: Equatable {
    public static func == (left: DurationHistogram, right: DurationHistogram) -> Bool {
        left.nanoseconds == right.nanoseconds && left.counts.indices.allSatisfy { left[$0] == right[$0] }
    }
}
