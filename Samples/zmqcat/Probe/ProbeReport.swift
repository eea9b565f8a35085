/// What the probe reports: its steps, and what they amount to.
struct ProbeReport {
    /// One step.
    struct Step {
        enum Outcome: String { case good, bad, note }

        let name: String
        let outcome: Outcome
        let text: String
        let time: Duration?
    }

    /// What has been found, in one word, and the exit status that says it.
    enum Verdict: String {
        /// A ZeroMQ socket that takes peers.
        case ready
        /// Nothing answers, or it says nothing.
        case unreachable
        /// Something else than ZeroMQ.
        case notZeroMQ = "not-zeromq"
        /// A ZeroMQ socket that does not let the probe in.
        case refused

        var status: CInt {
            switch self {
            case .ready: 0
            case .unreachable: 1
            case .notZeroMQ: 3
            case .refused: 4
            }
        }
    }

    let endpoint: String
    var verdict = Verdict.unreachable
    var steps: [Step] = []
    var addresses: [(address: String, error: String?)] = []
    var findings = Findings()
    /// Whether all types that the probe connects with have been refused.
    var refusesAllTypes = false
    /// The time between a PING and its PONG.
    var roundTrip: Duration?
    /// What to do next.
    var advice: [String] = []

    init(endpoint: String) { self.endpoint = endpoint }

    mutating func add(_ name: String, _ outcome: Step.Outcome, _ text: String, time: Duration? = nil) {
        steps.append(Step(name: name, outcome: outcome, text: text, time: time))
    }

    /// For people.
    var text: String {
        var lines = [endpoint]
        for step in steps {
            let mark = step.outcome == .good ? "+" : step.outcome == .bad ? "!" : " "
            let name = step.name + String(repeating: " ", count: max(1, 10 - step.name.count))
            lines.append("\(mark) \(name)\(step.text)\(step.time.map { " (\(Self.milliseconds($0)) ms)" } ?? "")")
        }
        lines += advice.enumerated().map { ($0 == 0 ? "next: " : "      ") + $1 }
        return lines.map(TextLines.printable).joined(separator: "\n") + "\n"
    }

    /// With two digits behind the point.
    static func milliseconds(_ time: Duration) -> String {
        let (seconds, attoseconds) = time.components
        let hundredths = seconds * 100_000 + attoseconds / 10_000_000_000_000
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
