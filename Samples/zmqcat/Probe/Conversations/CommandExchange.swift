// The handshake of NULL (RFC 37), and a PING, without the framing:
//
//     ready -> pong -> over
//
// The probe lets the other end speak first, because the answer depends on its type: for a type that would send messages
// to the probe, which would be lost, the handshake is not completed. A peer that waits for the probe's READY gets one
// with a guess.

/// The type to introduce the probe with when the peer waits for it.
struct Guess {
    let type: String
    /// Whether it is known that the peer waits, so that the probe speaks first.
    let isFirst: Bool
}

/// What both sides say after the greeting, whatever carries it.
struct CommandExchange {
    private enum Step { case ready, pong }

    private(set) var findings = Findings()
    private var step = Step.ready
    private let guess: Guess?
    /// Whether the peer's version has PING.
    private let hasHeartbeats: Bool

    /// The most subscriptions that are kept.
    private static let subscriptionLimit = 20

    /// How long the data of a PING is: a time to live, and a context of up to 16 bytes.
    private static let pingSizes = 2...18

    init(guess: Guess?, hasHeartbeats: Bool) {
        self.guess = guess
        self.hasHeartbeats = hasHeartbeats
    }

    /// What to send first.
    mutating func begin() -> [WireCommand] {
        guard let guess, guess.isFirst else { return [] }
        return [introduce(as: guess.type)]
    }

    /// The commands to send in answer to one.
    mutating func receive(_ command: WireCommand) -> [WireCommand] {
        guard findings.end == nil else { return [] }
        switch command.name {
        case "READY" where step == .ready: return ready(command)
        case "ERROR":
            findings.refusal = command.reason
            findings.end = .complete
        case "PING":
            guard Self.pingSizes.contains(command.data.count) else {
                findings.end = .faulty("a PING with \(command.data.count) bytes of data, not 2 to 18")
                return []
            }
            return [WireCommand("PONG", Array(command.data.dropFirst(2)))]
        case "PONG" where step == .pong:
            findings.hasAnsweredPing = true
            // What it subscribes to may follow.
            if !PeerTypes.subscribes(findings.peerType ?? "") { findings.end = .complete }
        case "SUBSCRIBE", "JOIN": subscribed(to: command.data[...])
        case "CANCEL", "LEAVE", "PONG": break
        default: findings.end = .faulty("unexpected command \(command.name)")
        }
        return []
    }

    private mutating func ready(_ command: WireCommand) -> [WireCommand] {
        guard let properties = command.properties else {
            findings.end = .faulty("the metadata of its READY is malformed")
            return []
        }
        findings.properties = properties
        findings.peerType = properties.first { $0.name.lowercased() == "socket-type" }
            .map { TextLines.printable($0.value.prefix(40)) }
        var answer: [WireCommand] = []
        if findings.offeredType == nil {
            guard let type = findings.peerType.flatMap({ PeerTypes.harmless(for: $0) }) else {
                findings.end = .complete
                return []
            }
            answer.append(introduce(as: type))
        }
        step = .pong
        guard hasHeartbeats else { return answer }
        findings.hasAnsweredPing = false
        // No time to live, and a context that must come back.
        return answer + [WireCommand("PING", [0, 0] + "probe".utf8)]
    }

    private mutating func introduce(as type: String) -> WireCommand {
        findings.offeredType = type
        return .ready(type)
    }

    /// A message has arrived: from a SUB of an older version, a subscription.
    mutating func receive(message: ArraySlice<UInt8>) {
        if PeerTypes.subscribes(findings.peerType ?? ""), message.first == 1 { subscribed(to: message.dropFirst()) }
    }

    private mutating func subscribed(to topic: ArraySlice<UInt8>) {
        if findings.subscriptions.count < Self.subscriptionLimit { findings.subscriptions.append(Array(topic)) }
    }

    mutating func waited() -> [WireCommand] {
        guard findings.end == nil else { return [] }
        if step == .ready, findings.offeredType == nil, let guess { return [introduce(as: guess.type)] }
        // Without PING, a peer that stays is one that accepts.
        let isComplete = step == .pong && (!hasHeartbeats || findings.hasAnsweredPing == true)
        findings.end = isComplete ? .complete : .silent
        return []
    }

    mutating func closed() { if findings.end == nil { findings.end = .closed } }

    mutating func fail(_ reason: String) { if findings.end == nil { findings.end = .faulty(reason) } }
}
