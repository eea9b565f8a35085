import EventReactor
import ZMQReactor

/// Asks all reactors of a context how they are.
///
/// * The reactor of the page answers at once. Each other one has a single question under way, and is waited for no
///   longer than `patience`; one that has not answered by then is shown as it was, with the time since it was asked.
/// * However many browsers ask, the reactors are asked again only after `interval`.
final class Collector {
    /// How long the answer to a browser waits for other reactors.
    static let patience = Duration.milliseconds(250)
    /// How old an answer may be.
    static let interval = Duration.milliseconds(400)

    private let reactor: Reactor
    private let context: Context
    private let log: EventLog
    private let hidden: Int
    private let program = Program()
    private let start: Int64
    private let key = UniqueNumber.next()

    private final class Member {
        let handle: ReactorHandle
        let number: Int
        let kind: ReactorReport.Kind
        var status: ReactorStatus?
        /// When the question under way was asked, in nanoseconds; nil when there is none.
        var askedAt: Int64?

        init(_ handle: ReactorHandle, _ number: Int, _ kind: ReactorReport.Kind) {
            (self.handle, self.number, self.kind) = (handle, number, kind)
        }
    }
    private var members: [Member] = []
    private var lastNumber = 0

    private var waiting: [(Report) -> Void] = []
    private var timer: ReactorTimer?
    private var last: (report: Report, time: Int64)?
    /// That report, once it is asked for.
    private var encoded: [UInt8]?

    /// - Parameter hidden: the number of the page's own socket.
    init(on reactor: Reactor, of context: Context, _ log: EventLog, without hidden: Int) {
        (self.reactor, self.context, self.log, self.hidden) = (reactor, context, log, hidden)
        start = reactor.nanoseconds
        Collectors.of(reactor).all[key] = self
        TurnWatch.of(reactor).begin(for: key, on: reactor)
    }

    func stop() {
        timer?.cancel()
        waiting = []
        Collectors.of(reactor).all[key] = nil
        TurnWatch.of(reactor).end(for: key, on: reactor)
        for member in members where member.handle !== reactor.handle {
            member.handle.submitUnlimited { [key] reactor in TurnWatch.of(reactor).end(for: key, on: reactor) }
        }
    }

    /// Calls `done` once, now or later.
    func collect(_ done: @escaping (Report) -> Void) {
        let now = reactor.nanoseconds
        if let last, Duration.nanoseconds(now - last.time) < Self.interval { return done(last.report) }
        waiting.append(done)
        guard timer == nil else { return }
        follow()
        for member in members { ask(member) }
        members.removeAll { $0.askedAt == nil && $0.status == nil }
        guard members.contains(where: { $0.askedAt != nil }) else { return finish() }
        timer = reactor.after(Self.patience) { [weak self] _ in self?.finish() }
    }

    /// As `collect`, in JSON. A report is encoded once, however many browsers ask.
    func collectJSON(_ done: @escaping ([UInt8]) -> Void) {
        collect { [unowned self] report in
            let bytes = encoded ?? report.json.encoded
            encoded = bytes
            done(bytes)
        }
    }

    /// Takes in reactors that have joined the context, and forgets those that have left it.
    private func follow() {
        let (sockets, connections) = (context.reactors, context.ioReactors)
        let handles = [reactor.handle] + (sockets + connections).filter { $0 !== reactor.handle }
        members.removeAll { member in !handles.contains { $0 === member.handle } }
        for handle in handles where !members.contains(where: { $0.handle === handle }) {
            lastNumber += 1
            let kind: ReactorReport.Kind = connections.contains { $0 === handle } ? .connections : .sockets
            members.append(Member(handle, lastNumber, kind))
        }
    }

    private func ask(_ member: Member) {
        guard member.handle !== reactor.handle else {
            member.status = ReactorStatus(of: reactor, in: context, without: hidden, for: key)
            return
        }
        guard member.askedAt == nil else { return }
        let (collecting, context, hidden, key, number) = (reactor.handle, context, hidden, key, member.number)
        let isTaken = member.handle.submitUnlimited { reactor in
            let status = ReactorStatus(of: reactor, in: context, without: hidden, for: key)
            collecting.submitUnlimited { Collectors.of($0).all[key]?.receive(status, from: number) }
        }
        // One that is gone has no status any more.
        if isTaken { member.askedAt = reactor.nanoseconds } else { member.status = nil }
    }

    private func receive(_ status: ReactorStatus, from number: Int) {
        guard let member = members.first(where: { $0.number == number }) else { return }
        (member.status, member.askedAt) = (status, nil)
        if timer != nil, members.allSatisfy({ $0.askedAt == nil }) { finish() }
    }

    private func finish() {
        timer?.cancel()
        timer = nil
        let now = reactor.nanoseconds
        let reactors = members.map { member in
            let silence = member.askedAt.map { Duration.nanoseconds(now - $0) }
            return ReactorReport(number: member.number, kind: member.kind, silence: silence, status: member.status)
        }
        let report = Report(
            program: program,
            uptime: .nanoseconds(now - start),
            time: .now,
            memory: System.residentMemory,
            reactors: reactors,
            events: log.entries
        )
        (last, encoded) = ((report, now), nil)
        let done = waiting
        waiting = []
        for body in done { body(report) }
    }
}

/// The collectors on a reactor, by their keys.
private final class Collectors: ReactorLocal {
    var all: [Int: Collector] = [:]
}

/// All that a page shows.
struct Report: Sendable {
    let program: Program
    /// Since the page was made.
    let uptime: Duration
    let time: WallClockTime
    /// In bytes; nil if it is not known.
    let memory: Int?
    let reactors: [ReactorReport]
    let events: [EventLog.Entry]
}

/// What is known of a reactor.
struct ReactorReport: Sendable {
    enum Kind: String, Sendable {
        /// Of an application.
        case sockets
        /// Of the context, for connections: an I/O thread.
        case connections
    }

    let number: Int
    let kind: Kind
    /// The time since it was asked, while it does not answer.
    let silence: Duration?
    /// As it was when it last answered; nil if it never has.
    let status: ReactorStatus?
}
