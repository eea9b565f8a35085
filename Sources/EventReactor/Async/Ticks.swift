extension Reactor {
    /// Ticks at equal intervals, without drift: tick n is due n intervals after this call.
    ///
    /// ```swift
    /// for await _ in reactor.ticks(every: .seconds(1)) { … }
    /// ```
    ///
    /// The elements are the numbers of the ticks, from 1. Ticks that pass while the loop's body runs are skipped,
    /// except for the latest, so nothing accumulates. The sequence ends when the task is cancelled, and with the
    /// reactor's thread. For tasks that live on this reactor.
    ///
    /// - Parameter interval: Time between ticks, more than zero.
    public func ticks(every interval: Duration) -> Ticks {
        let step = interval.roundedUpNanoseconds
        precondition(step > 0, "The interval of ticks must be more than zero, not \(interval)")
        return Ticks(reactor: self, start: nanoseconds, interval: step)
    }
}

/// The numbers of the ticks of ``Reactor/ticks(every:)``, each when it is due.
public struct Ticks: AsyncSequence {
    public typealias Element = Int
    public typealias Failure = Never

    fileprivate let reactor: Reactor
    fileprivate let start: Int64
    fileprivate let interval: Int64

    public func makeAsyncIterator() -> Iterator { Iterator(ticks: self) }

    /// Waits for one tick after another.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let ticks: Ticks
        private var last: Int64 = 0

        fileprivate init(ticks: Ticks) { self.ticks = ticks }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Int? {
            let due = (ticks.reactor.nanoseconds - ticks.start) / ticks.interval
            let number = Swift.max(due, last + 1)
            let moment = ticks.start.addingSaturating(number.multipliedSaturating(by: ticks.interval))
            do { try await ticks.reactor.sleep(until: moment) } catch { return nil }
            last = number
            return Int(number)
        }

        public mutating func next() async -> Int? { await next(isolation: #isolation) }
    }
}

extension Int64 {
    /// The product of two positive numbers, clamped to the largest value.
    fileprivate func multipliedSaturating(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
