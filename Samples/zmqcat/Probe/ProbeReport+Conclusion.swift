extension ProbeReport {
    /// Turns what has been found out into steps and a verdict.
    mutating func conclude(about target: ProbeTarget) {
        concludeLanguage(target)
        guard verdict != .notZeroMQ, findings.isZeroMQ || target.transport == .wss && findings.language == .tls else {
            return
        }
        verdict = .ready
        if let mechanism = findings.mechanism { concludeMechanism(mechanism) }
        if let refusal = findings.refusal {
            let isStatus = refusal.hasSuffix("400")
            let reason = isStatus ? "400, the server does not know these credentials" : refusal
            add("handshake", .bad, "refused: \(reason.isEmpty ? "no reason is given" : reason.clipped)")
            verdict = .refused
        }
        concludePeer()
    }

    private mutating func concludeLanguage(_ target: ProbeTarget) {
        switch findings.language {
        case .zmtp(let major, let minor):
            let fits = target.transport == .tcp || target.transport == .ipc
            let since = major == 1 ? ", as of libzmq 2" : major == 2 ? ", as of libzmq 3" : ""
            add("protocol", fits ? .good : .bad, fits ? "ZMTP \(major).\(minor)\(since)" : "ZMTP, without WebSocket")
            if !fits { verdict = .notZeroMQ }
        case .webSocket:
            let fits = target.transport == .ws
            add("protocol", fits ? .good : .bad, "WebSocket, with ZWS 2.0")
            if !fits { verdict = .notZeroMQ }
        case .http(let status, let server):
            add("protocol", .bad, "HTTP, not ZeroMQ: \"\(status)\"\(server.map { " from \($0)" } ?? "")")
            verdict = .notZeroMQ
        case .tls where target.transport == .wss: add("protocol", .good, "TLS")
        case .tls:
            add("protocol", .bad, "TLS, not ZeroMQ")
            verdict = .notZeroMQ
        case .other(let banner):
            add("protocol", .bad, "not ZeroMQ\(banner.kind.map { ", but \($0)" } ?? ""): \"\(banner.text)\"")
            verdict = .notZeroMQ
        case nil:
            let hasClosed = findings.end == .closed
            add("protocol", .bad, hasClosed ? "it closes the connection without a word" : "it says nothing")
        }
    }

    private mutating func concludeMechanism(_ mechanism: String) {
        let isKnown = findings.peerType != nil || findings.refusal != nil
        switch mechanism {
        case "NULL": add("security", .good, "NULL: no key and no password is wanted")
        case "PLAIN": add("security", isKnown ? .good : .bad, "PLAIN: a name and a password are wanted")
        case "CURVE": add("security", isKnown ? .good : .bad, "CURVE: the server's public key is wanted")
        default: add("security", .bad, "\(mechanism): the probe does not know this mechanism")
        }
        if mechanism != "NULL", findings.peerType == nil { verdict = .refused }
    }

    /// The most properties that are shown.
    static let propertyLimit = 16

    private mutating func concludePeer() {
        guard let type = findings.peerType else {
            if findings.refusal == nil, findings.mechanism == "NULL" { concludeSilence() }
            return
        }
        let others = findings.properties.filter { $0.name.lowercased() != "socket-type" && !$0.value.isEmpty }
        let shown = others.prefix(Self.propertyLimit).map { "\($0.name.clipped) \"\(Self.value($0.value))\"" }
        let list = (shown + (others.count > shown.count ? ["…"] : [])).joined(separator: ", ")
        add("peer", .good, type + (list.isEmpty ? "" : ", with \(list)"))
        let compatible = PeerTypes.compatible(with: type)
        if !compatible.isEmpty { add("types", .good, "it goes with \(compatible.joined(separator: ", "))") }
        if let offer = findings.offeredType {
            concludeHandshake(offer)
        } else if PeerTypes.harmless(for: type) == nil {
            add("handshake", .note, "not completed, because a \(type) might send its messages to the probe")
        }
        if !findings.subscriptions.isEmpty {
            let topics = findings.subscriptions.map { $0.isEmpty ? "everything" : "\"\(Self.value($0))\"" }
            add("topics", .good, "it has subscribed to \(topics.joined(separator: ", "))")
        }
    }

    private mutating func concludeHandshake(_ offer: String) {
        switch findings.end {
        case .closed:
            add("handshake", .bad, "it closes the connection to a \(offer)")
            verdict = .refused
        case .faulty(let reason):
            add("handshake", .bad, "it breaks the protocol: \(reason.clipped)")
            verdict = .refused
        case .complete, .silent, nil:
            if findings.refusal == nil { add("handshake", .good, "complete, as a \(offer)") }
        }
        switch findings.hasAnsweredPing {
        case true?: add("heartbeat", .good, "it answers PING", time: roundTrip)
        case false? where verdict == .ready: add("heartbeat", .note, "no answer to PING")
        default: break
        }
    }

    /// NULL, and no READY.
    private mutating func concludeSilence() {
        verdict = .refused
        switch findings.end {
        case .closed: add("handshake", .bad, "it closes the connection in the handshake")
        case .faulty(let reason): add("handshake", .bad, "it breaks the protocol: \(reason.clipped)")
        default: add("handshake", .bad, "it does not complete the handshake")
        }
    }
}

extension Findings {
    /// Whether it speaks one of ZeroMQ's protocols.
    var isZeroMQ: Bool {
        switch language {
        case .zmtp, .webSocket: true
        default: false
        }
    }
}
