import ZMQReactor

/// Runs the steps of a probe, one after the other.
final class Prober {
    private(set) var report: ProbeReport
    private let target: ProbeTarget
    private let settings: SocketSettings
    private let limit: Duration
    private let reactor: Reactor

    /// - Parameter limit: how long each step may take.
    init(
        _ endpoint: String,
        _ target: ProbeTarget,
        _ settings: SocketSettings,
        limit: Duration,
        on reactor: Reactor
    ) {
        report = ProbeReport(endpoint: endpoint)
        (self.target, self.settings, self.limit, self.reactor) = (target, settings, limit, reactor)
    }

    func run() async {
        if let address = await reach() {
            await shakeHands(at: address)
            report.conclude(about: target)
        }
        report.advice = ProbeAdvice.next(for: report, at: target)
    }

    // MARK: Reaching it

    /// The first address that accepts a connection.
    private func reach() async -> ProbeAddress? {
        guard let addresses = await lookUp() else { return nil }
        for address in addresses {
            let start = ContinuousClock.now
            let place = target.transport == .ipc ? address.text : "\(address.text) port \(target.port)"
            do {
                _ = try await ProbeLink.open(address, within: limit, on: reactor)
                report.addresses.append((address.text, nil))
                report.add("connect", .good, place, time: .now - start)
                return address
            } catch {
                report.addresses.append((address.text, "\(error)"))
                report.add("connect", .bad, "\(place): \(error)", time: .now - start)
            }
        }
        return nil
    }

    private func lookUp() async -> [ProbeAddress]? {
        guard target.transport != .ipc else { return [ProbeAddress(path: target.host)] }
        let (host, port, start) = (target.host, target.port, ContinuousClock.now)
        let result: Result<[ProbeAddress], Complaint>? = await withCheckedContinuation { continuation in
            let first = FirstResult(continuation)
            // The resolver blocks, for longer than the limit if its servers do not answer.
            Task.detached { first.end(ProbeAddress.lookUp(host, port: port)) }
            reactor.after(limit) { _ in first.end(nil) }
        }
        switch result {
        case nil:
            report.add("name", .bad, "\(host): the name servers do not answer", time: .now - start)
        case .failure(let error):
            report.add("name", .bad, "\(host): \(error)", time: .now - start)
        case .success(let addresses):
            let list = addresses.map(\.text).joined(separator: ", ")
            if list != host { report.add("name", .good, "\(host) is \(list)", time: .now - start) }
            return addresses
        }
        return nil
    }

    // MARK: Talking to it

    private func shakeHands(at address: ProbeAddress) async {
        switch target.transport {
        case .tcp, .ipc:
            await hold(at: address) { ZMTPConversation(guess: $0) }
            if report.findings.language == nil, target.transport == .tcp { await askOtherwise(at: address) }
        case .ws:
            await hold(at: address, webSocket)
        case .wss:
            await hold(at: address) { _ in TLSConversation(random: Self.random(32)) }
            if report.findings.language == nil { await hold(at: address, webSocket) }
        }
        let isSecured = ["PLAIN", "CURVE"].contains(report.findings.mechanism)
        let isSecret = target.transport == .wss && report.findings.language == .tls
        if isSecret || isSecured && settings.options.security.mechanismName == report.findings.mechanism {
            await connectSockets(mechanism: settings.options.security.mechanismName)
        }
    }

    /// Holds a conversation; and if the other end waits for the probe to introduce itself, one for each type until one
    /// is accepted.
    private func hold<C: Conversation>(at address: ProbeAddress, _ make: (Guess) -> C) async {
        let end = ContinuousClock.now + limit
        var waits = false
        for offer in PeerTypes.offers where ContinuousClock.now < end {
            guard let link = try? await ProbeLink.open(address, within: limit, on: reactor) else { return }
            (report.findings, report.roundTrip) = await link.hold(
                make(Guess(type: offer, isFirst: waits)),
                pause: limit / 3,
                within: limit
            )
            let isGuess = report.findings.offeredType != nil && report.findings.peerType == nil
            guard isGuess, report.findings.end != .silent else { return }
            waits = true
            report.refusesAllTypes = offer == PeerTypes.offers.last
        }
    }

    private func webSocket(_ offer: Guess) -> WebSocketConversation {
        WebSocketConversation(
            host: target.authority,
            path: target.path,
            guess: offer,
            nonce: Self.nonce(),
            mask: Self.random(4)
        )
    }

    /// It is silent, or closes at once: perhaps it waits for another protocol.
    private func askOtherwise(at address: ProbeAddress) async {
        let silence = report.findings
        await hold(at: address) { _ in TLSConversation(random: Self.random(32)) }
        if report.findings.language == .tls { return }
        await hold(at: address, webSocket)
        if report.findings.language == nil { report.findings = silence }
    }

    private func connectSockets(mechanism: String) async {
        let probe = SocketProbe(report.endpoint, settings, limit: limit, on: reactor)
        let outcome = await probe.run()
        if outcome.peerType != nil { report.findings.mechanism = mechanism }
        report.findings.peerType = outcome.peerType
        report.findings.offeredType = outcome.offeredType
        report.findings.refusal = outcome.reason
        report.refusesAllTypes = outcome.triedAllTypes
        report.roundTrip = outcome.roundTrip
        if outcome.peerType != nil { report.findings.hasAnsweredPing = outcome.roundTrip != nil }
    }

    private static func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255) } }

    /// 16 random bytes in Base64: 21 characters, and one that has two bits.
    private static func nonce() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        return String((0..<21).map { _ in letters.randomElement()! }) + ["A", "Q", "g", "w"].randomElement()! + "=="
    }
}
