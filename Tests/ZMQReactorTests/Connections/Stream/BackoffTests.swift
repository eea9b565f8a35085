import Testing

@testable import ZMQReactor

struct BackoffTests {
    @Test("delays double up to the limit")
    func doubling() {
        var backoff = Backoff(first: .milliseconds(100), limit: .seconds(5))
        let pauses = (0..<9).map { _ in backoff.next(random: 0.5) }
        #expect(pauses == [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000].map { .milliseconds($0) })
    }

    @Test("randomness changes a delay by up to a quarter, never beyond the limit")
    func chance() {
        for random in [0, 0.25, 0.999999] {
            var backoff = Backoff(first: .seconds(1), limit: .seconds(3))
            #expect(abs(backoff.next(random: random) / .seconds(1) - (0.75 + random / 2)) < 1e-6)
            for _ in 0..<5 { #expect(backoff.next(random: random) <= .seconds(3)) }
        }
        var backoff = Backoff(first: .seconds(1), limit: .seconds(1))
        for _ in 0..<1000 {
            let pause = backoff.next()
            #expect(pause >= .milliseconds(750) && pause <= .seconds(1))
        }
    }

    @Test("a reset starts over with the first delay")
    func reset() {
        var backoff = Backoff(first: .milliseconds(10), limit: .seconds(1))
        for _ in 0..<20 { _ = backoff.next() }
        backoff.reset()
        #expect(backoff.next(random: 0.5) == .milliseconds(10))
        #expect(backoff.next(random: 0.5) == .milliseconds(20))
    }
}
