import EventReactor
import Synchronization

// Numbers that one thread counts and any thread reads: counting costs as much as with plain numbers.
extension Atomic where Value == Int {
    /// Call on the thread that counts.
    @inline(__always)
    borrowing func count(_ number: Int) { store(load(ordering: .relaxed) &+ number, ordering: .relaxed) }

    var number: Int { load(ordering: .relaxed) }
}

/// What has passed through a socket's connections on one thread.
final class TrafficCounters: Sendable {
    let messagesSent = Atomic(0)
    let messagesReceived = Atomic(0)
    let bytesSent = Atomic(0)
    let bytesReceived = Atomic(0)

    /// Adds these numbers to others.
    func add(to statistics: inout SocketStatistics) {
        statistics.messagesSent += messagesSent.number
        statistics.messagesReceived += messagesReceived.number
        statistics.bytesSent += bytesSent.number
        statistics.bytesReceived += bytesReceived.number
    }
}

/// A histogram that one thread counts and any thread reads.
final class DurationCounters: Sendable {
    private let counts = DurationHistogram.Counts<Atomic<Int>> { _ in Atomic(0) }
    private let sum = Atomic(0)

    func add(_ nanoseconds: Int64) {
        counts[DurationHistogram.bucket(of: nanoseconds)].count(1)
        sum.count(Int(nanoseconds))
    }

    /// Adds these numbers to others.
    func add(to histogram: inout DurationHistogram) {
        for bucket in 0..<DurationHistogram.bucketCount { histogram.add(counts[bucket].number, toBucket: bucket) }
        histogram.add(sum: Int64(sum.number))
    }
}

/// The counters of a session, on its thread.
final class SessionCounters: Sendable {
    let traffic = TrafficCounters()
    let reconnects = Atomic(0)
    let dropped = DropReason.Counts<Atomic<Int>> { _ in Atomic(0) }
    let roundTrips = DurationCounters()

    /// Adds these numbers to others.
    func add(to statistics: inout SocketStatistics) {
        traffic.add(to: &statistics)
        statistics.reconnects += reconnects.number
        for reason in DropReason.all { statistics.dropped[reason] += dropped[reason.index].number }
        roundTrips.add(to: &statistics.heartbeatRoundTrips)
    }
}

/// The counters of one connection of a session, read by its socket.
final class ConnectionCounters: Sendable {
    let messagesSent = Atomic(0)
    let bytesSent = Atomic(0)
    let bytesReceived = Atomic(0)
    private let roundTripNanoseconds = Atomic(-1)

    func setRoundTrip(_ time: Duration) { roundTripNanoseconds.store(Int(time / .nanoseconds(1)), ordering: .relaxed) }

    /// The round-trip time of the last answered PING; nil if there was none.
    var roundTrip: Duration? {
        let time = roundTripNanoseconds.load(ordering: .relaxed)
        return time < 0 ? nil : .nanoseconds(time)
    }

    var bytes: (sent: Int, received: Int) { (bytesSent.number, bytesReceived.number) }
}
