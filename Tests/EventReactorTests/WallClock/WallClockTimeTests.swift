import EventReactor
import Testing

@Suite struct WallClockTimeTests {
    @Test func nanosecondsCarry() {
        #expect(WallClockTime(seconds: 1, nanoseconds: 2_000_000_003) == WallClockTime(seconds: 3, nanoseconds: 3))
        #expect(WallClockTime(seconds: 1, nanoseconds: -1) == WallClockTime(seconds: 0, nanoseconds: 999_999_999))
        #expect(WallClockTime(seconds: 1, nanoseconds: -1_000_000_000) == WallClockTime(seconds: 0))
        #expect(WallClockTime(seconds: .max, nanoseconds: 1_000_000_000).seconds == .max)
    }

    @Test func arithmetic() {
        let time = WallClockTime(seconds: 100, nanoseconds: 500_000_000)
        #expect(time.advanced(by: .milliseconds(600)) == WallClockTime(seconds: 101, nanoseconds: 100_000_000))
        #expect(time.advanced(by: .milliseconds(-600)) == WallClockTime(seconds: 99, nanoseconds: 900_000_000))
        #expect(time.duration(to: WallClockTime(seconds: 101)) == .milliseconds(500))
        #expect(time < time.advanced(by: .nanoseconds(1)))
    }

    @Test func description() {
        #expect(WallClockTime(seconds: 1_700_000_000, nanoseconds: 42).description == "1700000000.000000042")
    }
}
