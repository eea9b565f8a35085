import EventReactor

/// Tasks that wait to receive from a socket, or to send with it: each gets its turn, in the order they came.
///
/// - One task is called at a time. It tries, when it runs, and then calls the next one; or it was in vain, and the task goes back to the
///   front of the line, and waits for news.
/// - Nobody tries who has not been called, as long as somebody stands in the line or is called.
final class WaitingLine {
    /// What a task is told when its wait is over: an error, or that it is its turn.
    typealias Place = Suspension<ZMQError?>

    // While they change, nothing unknown is called; every receive and send of a task looks at them.
    @exclusivity(unchecked) private var waiting = RingBuffer<Place>()
    @exclusivity(unchecked) private var called: Place?

    /// Whether nobody is ahead of one who comes now.
    var isFree: Bool { called == nil && waiting.isEmpty }

    /// There is something to try for: calls the first in the line, unless somebody is at it.
    func callNext() {
        guard called == nil else { return }
        while let place = waiting.popFirst() {
            // One that was cancelled is not there any more.
            if place.end(nil) {
                called = place
                return
            }
        }
    }

    /// Ends all waits.
    func end(_ error: ZMQError) {
        while let place = waiting.popFirst() { place.end(error) }
    }

    /// Waits for its turn; the one who has it must call ``leave(_:)`` when it has tried.
    nonisolated(nonsending) func wait(
        on reactor: Reactor,
        atFront: Bool,
        until deadline: Deadline?
    ) async throws(ZMQError) -> Place {
        let place = Place()
        if atFront { waiting.prepend(place) } else { waiting.append(place) }
        let timer = deadline.map { deadline in
            reactor.after(deadline.remaining(on: reactor)) { _ in place.end(deadline.error) }
        }
        let error = await place.wait(on: reactor, whenCancelled: .taskCancelled)
        timer?.cancel()
        guard let error else { return place }
        remove(place)
        throw error
    }

    private func remove(_ place: Place) {
        for _ in 0..<waiting.count {
            if let other = waiting.popFirst(), other !== place { waiting.append(other) }
        }
    }

    /// The one who was called has tried.
    func leave(_ place: Place?) { if called === place { called = nil } }

    /// When a wait is over at the latest.
    struct Deadline {
        private let time: Int64
        private let limit: Duration

        init(_ limit: Duration, on reactor: Reactor) {
            self.limit = limit
            let (time, overflow) = reactor.nanoseconds.addingReportingOverflow(max(0, limit.roundedUpNanoseconds))
            self.time = overflow ? .max : time
        }

        func remaining(on reactor: Reactor) -> Duration { .nanoseconds(time - reactor.nanoseconds) }

        var error: ZMQError { ZMQError(.timedOut, "nothing came of it within \(limit)") }
    }
}

extension ZMQError {
    static let taskCancelled = ZMQError(.cancelled, "the task was cancelled")
}
