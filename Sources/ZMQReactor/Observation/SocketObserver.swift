/// Where every counter, drop and event of a host begins: `record` is the only way to them.
final class SocketObserver {
    /// What passes through connections on this thread.
    private let traffic: TrafficCounters

    /// What is rarer, and where a session counts that.
    private var rare = SocketStatistics()
    private let session: SessionCounters?

    /// What sessions have counted of the same socket.
    private var sessions: [SessionCounters] = []

    private var knownAdmissions: Admissions?

    /// Called with each event.
    var onEvent: ((SocketEvent) -> Void)?

    /// Are given each event, too.
    private(set) var receivers: [WeakReceiver] = []

    struct WeakReceiver {
        weak var receiver: (any SocketEventReceiver)?
    }

    init() { (traffic, session) = (TrafficCounters(), nil) }

    /// That of a session.
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
        case .dropped, .reconnected, .limit: recordRare(count)
        }
    }

    @inline(never)
    private func recordRare(_ count: Count) {
        switch count {
        case .sent, .received, .bytesSent, .bytesReceived: break
        case .dropped(let count, let reason):
            guard count > 0 else { return }
            if let session { session.dropped[reason.index].count(count) } else { rare.dropped[reason] += count }
        case .reconnected: if let session { session.reconnects.count(1) } else { rare.reconnects += 1 }
        case .limit(let limit): admissions.count(limit)
        }
    }

    @inline(__always)
    func record(_ fact: @autoclosure () -> Fact) {
        if isObserved { tell(fact()) }
    }

    /// As `record`; counts the limit that is the reason, if it is one.
    func record(endFor reason: EventReason, _ fact: @autoclosure () -> Fact) {
        if let limit = reason.limit { record(.limit(limit)) }
        record(fact())
    }

    @inline(never)
    private func tell(_ fact: Fact) {
        let event = fact.event
        onEvent?(event)
        for entry in receivers { entry.receiver?.take(event) }
    }

    // MARK: What is known

    /// What the listeners count with, those of sessions included; made when there is something to count.
    var admissions: Admissions {
        if let knownAdmissions { return knownAdmissions }
        let admissions = Admissions()
        knownAdmissions = admissions
        return admissions
    }

    /// All that has been counted, on whatever threads.
    var statistics: SocketStatistics {
        var all = rare
        traffic.add(to: &all)
        for session in sessions { session.add(to: &all) }
        if let knownAdmissions { all.limits = knownAdmissions.counts }
        return all
    }

    /// What a session counts with, on its thread.
    func countersOfSession() -> SessionCounters {
        let counters = SessionCounters()
        sessions.append(counters)
        return counters
    }

    /// The session that has counted with them is gone.
    func sessionEnded(_ session: SessionCounters) {
        guard let position = sessions.firstIndex(where: { $0 === session }) else { return }
        sessions.remove(at: position).add(to: &rare)
    }

    // MARK: Events

    /// Whether somebody looks at events.
    var isObserved: Bool { onEvent != nil || !receivers.isEmpty }

    func add(_ receiver: any SocketEventReceiver) {
        receivers.removeAll { $0.receiver == nil }
        receivers.append(WeakReceiver(receiver: receiver))
    }

    /// Nothing will happen any more.
    func endEvents() {
        onEvent = nil
        for entry in receivers { entry.receiver?.eventsEnd() }
        receivers = []
    }
}

/// What is given a socket's events beside the application's closure.
protocol SocketEventReceiver: AnyObject {
    func take(_ event: SocketEvent)

    /// There are no more.
    func eventsEnd()
}
