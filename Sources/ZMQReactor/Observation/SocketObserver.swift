/// The origin of every counter, drop and event of a host; all are recorded with `record`.
final class SocketObserver {
    /// Traffic through connections on this thread.
    private let traffic: TrafficCounters

    /// Rarer facts, and where a session counts them.
    private var rare = SocketStatistics()
    private let session: SessionCounters?

    /// The counters of the same socket's sessions.
    private var sessions: [SessionCounters] = []

    private var knownAdmissions: Admissions?

    /// Called with each event.
    var onEvent: ((SocketEvent) -> Void)?

    /// They receive each event, too.
    private(set) var receivers: [WeakReceiver] = []

    /// And so do these, which receive those of all sockets of the context.
    private var contextReceivers: [(receiver: any ContextEventReceiver, source: EventSource)] = []

    struct WeakReceiver {
        weak var receiver: (any SocketEventReceiver)?
    }

    init() { (traffic, session) = (TrafficCounters(), nil) }

    /// The observer of a session.
    init(_ session: SessionCounters, admissions: Admissions) {
        (traffic, self.session) = (session.traffic, session)
        knownAdmissions = admissions
    }

    // MARK: Recording

    @inline(__always)
    func record(_ count: Count) {
        switch count {
        case .sent(let count): traffic.messagesSent.count(count)
        case .received(let count): traffic.messagesReceived.count(count)
        case .bytesSent(let count): traffic.bytesSent.count(count)
        case .bytesReceived(let count): traffic.bytesReceived.count(count)
        case .dropped, .refused, .connectionMade, .reconnected, .handshakeFailed, .roundTrip, .limit: recordRare(count)
        }
    }

    @inline(never)
    private func recordRare(_ count: Count) {
        switch count {
        case .sent, .received, .bytesSent, .bytesReceived: break
        case .dropped(let count, let reason):
            guard count > 0 else { return }
            if let session { session.dropped[reason.index].count(count) } else { rare.dropped[reason] += count }
        case .refused(let count): rare.sendsRefused += count
        case .connectionMade: rare.connectionsMade += 1
        case .handshakeFailed: rare.handshakeFailures += 1
        case .roundTrip(let time):
            if let session { session.roundTrips.add(time) } else { rare.heartbeatRoundTrips.add(nanoseconds: time) }
        case .reconnected: if let session { session.reconnects.count(1) } else { rare.reconnects += 1 }
        case .limit(let limit): admissions.count(limit)
        }
    }

    @inline(__always)
    func record(_ fact: @autoclosure () -> Fact) {
        if isObserved { tell(fact()) }
    }

    /// As `record`, but also counts the limit that is the reason, if any.
    func record(endFor reason: EventReason, _ fact: @autoclosure () -> Fact) {
        if let limit = reason.limit { record(.limit(limit)) }
        record(fact())
    }

    @inline(never)
    private func tell(_ fact: Fact) {
        let event = fact.event
        onEvent?(event)
        for entry in receivers { entry.receiver?.take(event) }
        for entry in contextReceivers { entry.receiver.take(event, of: entry.source) }
    }

    // MARK: Reading

    /// The admissions of all listeners, including those of sessions; made at the first use.
    var admissions: Admissions {
        if let knownAdmissions { return knownAdmissions }
        let admissions = Admissions()
        knownAdmissions = admissions
        return admissions
    }

    /// The sum of all counters, on whatever threads they are.
    var statistics: SocketStatistics {
        var all = rare
        traffic.add(to: &all)
        for session in sessions { session.add(to: &all) }
        if let knownAdmissions { all.limits = knownAdmissions.counts }
        return all
    }

    /// Counters for a session, on its thread.
    func countersOfSession() -> SessionCounters {
        let counters = SessionCounters()
        sessions.append(counters)
        return counters
    }

    /// The session that used the counters is gone.
    func sessionEnded(_ session: SessionCounters) {
        guard let position = sessions.firstIndex(where: { $0 === session }) else { return }
        sessions.remove(at: position).add(to: &rare)
    }

    // MARK: Events

    /// Whether events are observed.
    var isObserved: Bool { onEvent != nil || !receivers.isEmpty || !contextReceivers.isEmpty }

    func add(_ receiver: any SocketEventReceiver) {
        receivers.removeAll { $0.receiver == nil }
        receivers.append(WeakReceiver(receiver: receiver))
    }

    /// Has no effect for one that is there already.
    func add(_ receiver: any ContextEventReceiver, for source: EventSource) {
        guard !contextReceivers.contains(where: { $0.receiver === receiver }) else { return }
        contextReceivers.append((receiver, source))
    }

    func remove(_ receiver: any ContextEventReceiver) { contextReceivers.removeAll { $0.receiver === receiver } }

    /// No more events follow.
    func endEvents() {
        onEvent = nil
        contextReceivers = []
        for entry in receivers { entry.receiver?.eventsEnd() }
        receivers = []
    }
}

/// Receives a socket's events in addition to the application's closure: a sequence of events, a log, metrics.
package protocol SocketEventReceiver: AnyObject {
    func take(_ event: SocketEvent)

    /// No more events follow.
    func eventsEnd()
}
