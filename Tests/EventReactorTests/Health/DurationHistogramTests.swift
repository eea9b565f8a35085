import Testing

@testable import EventReactor

@Suite struct DurationHistogramTests {
    @Test func eachBucketEndsAtItsLimit() {
        #expect(DurationHistogram.limits.count == DurationHistogram.bucketCount - 1)
        for (bucket, limit) in DurationHistogram.limits.enumerated() {
            #expect(DurationHistogram.bucket(of: limit.roundedUpNanoseconds) == bucket)
            #expect(DurationHistogram.bucket(of: limit.roundedUpNanoseconds + 1) == bucket + 1)
        }
        #expect(DurationHistogram.bucket(of: 0) == 0)
        #expect(DurationHistogram.bucket(of: .max) == DurationHistogram.bucketCount - 1)
        #expect(DurationHistogram.bucket(of: -1) == 0)
    }

    @Test func countsAndSum() {
        var histogram = DurationHistogram()
        for duration in [5_000, 20_000, 30_000, 2_000_000_000] as [Int64] { histogram.add(nanoseconds: duration) }
        #expect(histogram.count == 4)
        #expect((0..<DurationHistogram.bucketCount).map { histogram[$0] } == [1, 2, 0, 0, 0, 0, 1])
        #expect(histogram.sum == .nanoseconds(2_000_055_000))
        #expect(histogram.count(longerThanBucket: 1) == 1)
        histogram.add(nanoseconds: .max)
        #expect(histogram.sum == .nanoseconds(Int64.max))
        #expect(histogram != DurationHistogram())
    }
}
