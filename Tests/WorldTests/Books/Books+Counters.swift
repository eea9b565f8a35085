import ZMQReactor

extension Books {
    /// Drops of what was to be sent, and of what had arrived; `conflated` is either.
    private static let sending: [DropReason] = [.queueFull, .noSuchPeer, .peerGone, .lingerExpired]
    private static let receiving: [DropReason] = [.malformed, .unexpected, .notSubscribed, .noMemory, .undelivered]

    mutating func checkCounters(of number: Int) {
        let party = facts.parties[number]
        guard let counters = party.counters, party.end != .crashed, party.end != .closing else { return }
        checkReasons(party, counters)
        checkReports(party, counters)
        checkBytes(of: number, counters)
        checkForwarded(party, counters)
        guard party.group == nil else { return }
        let written = written(by: number, counters)
        expect(counters.sent, written) { "counter: \(party.name) counts \($0) sent of \($1)" }
        checkDrops(of: number, counters, written)
        // A STREAM counts what it reads at once. An XPUB also receives subscriptions.
        if party.end == .none, party.role != .xpub, party.role != .stream {
            let read = facts.flows.reduce(0) { $0 + ($1.reader == number ? $1.messages.count(where: \.isRead) : 0) }
            if counters.received > read || counters.received < read && !ignoresSome(number) {
                report("counter: \(party.name) counts \(counters.received) received of \(read)")
            }
        }
    }

    /// What the socket has given to its connections.
    private func written(by number: Int, _ counters: Facts.Counters) -> Int {
        let flows = facts.flows.filter { $0.writer == number }
        let written = flows.reduce(0) { $0 + $1.messages.count }
        return flows.contains(where: \.mayLose) ? max(written, counters.sent) : written
    }

    /// Of that, what has ended with a connection.
    private func lostInBuffers(of number: Int, _ written: Int) -> Int {
        written - facts.flows.reduce(0) { $0 + ($1.writer == number ? $1.messages.count : 0) }
    }

    /// Messages without a number that a socket has read: subscriptions, which a capture socket shows. Whether it has
    /// received them is not noted.
    private func unnumberedRead(by number: Int) -> Int {
        facts.flows.reduce(0) {
            $0 + ($1.reader == number ? $1.messages.count { $0.isRead && $0.number == nil } : 0)
        }
    }

    private func ignoresSome(_ number: Int) -> Bool {
        facts.parties[number].ignoresSome || facts.flows.contains { $0.reader == number && $0.mayLose }
    }

    private mutating func expect(_ counted: Int, _ fact: Int, _ problem: (Int, Int) -> String) {
        if counted != fact { report(problem(counted, fact)) }
    }

    // MARK: Drops

    /// Only rules of the type, and of its options, drop messages.
    private mutating func checkReasons(_ party: Facts.Party, _ counters: Facts.Counters) {
        var allowed = party.role.drops
        if party.conflates { allowed.insert(.conflated) }
        // A connection in the program, or with a session, that its socket has ended counts what it has not taken.
        if party.end != .none || party.ignoresSome { allowed.insert(.undelivered) }
        for (reason, count) in counters.dropped.sorted(by: { $0.key.name < $1.key.name })
        where !allowed.contains(reason) {
            report("counter: \(party.name) has dropped \(count) as \(reason), which no rule does")
        }
    }

    /// What is reported message by message, or at the end of a connection, is what is counted.
    private mutating func checkReports(_ party: Facts.Party, _ counters: Facts.Counters) {
        if party.role.reportsDrops, !party.relays {
            expect(party.reportedDrops, counters.dropped([.queueFull, .noSuchPeer])) {
                "counter: \(party.name) has reported \($0) drops of \($1)"
            }
        }
        if party.end == .none {
            expect(counters.dropped([.lingerExpired]), party.unsentAtDisconnects) {
                "counter: \(party.name) counts \($0) drops after its linger, and has reported \($1)"
            }
        }
    }

    private mutating func checkDrops(of number: Int, _ counters: Facts.Counters, _ written: Int) {
        let party = facts.parties[number]
        let refused = counters.dropped(Self.receiving)
        var dropped = counters.dropped(Self.sending)
        if let given = givenByNumber(to: party) {
            if !party.role.goesToAll, given != written + dropped {
                report("lost: \(party.name) was given \(given), has sent \(written), and has dropped \(dropped)")
            }
            return
        }
        var ignores = false
        if let partner = party.partner {
            // What its proxy has not forwarded is dropped by the other socket, or was still to be parsed when that closed.
            guard facts.parties[partner].end == .none, let other = facts.parties[partner].counters else { return }
            dropped += other.dropped(Self.receiving)
            ignores = ignoresSome(partner)
        }
        dropped += lostInBuffers(of: number, written)
        let conflated = counters.dropped([.conflated])
        let (missing, untaken) = (missing[number], untaken[number])
        // What goes to all peers of a proxy's socket is not known.
        let isSendingKnown = party.partner == nil || !party.role.goesToAll
        let isReceivingKnown = party.end == .none && party.partner == nil
        // A request that was given up may have been dropped before.
        if isSendingKnown,
            !((ignores ? 0 : missing.count)...missing.count + withdrawn[number] + conflated).contains(
                dropped + conflated
            )
        {
            report(
                "lost: \(party.name) has dropped \(counters.dropped), and has not sent \(missing.count): \(missing.prefix(10))"
            )
        }
        let mayIgnore = ignoresSome(number)
        let least = mayIgnore ? 0 : untaken.count
        let unnumbered = unnumberedRead(by: number)
        let most = untaken.count + unnumbered + conflated
        if isReceivingKnown, !(least...most).contains(refused + conflated) {
            report(
                "lost: \(party.name) has dropped \(counters.dropped), and has not taken \(untaken.count): \(untaken.prefix(10))"
            )
        }
        if isSendingKnown, isReceivingKnown, !mayIgnore, conflated > 0, withdrawn[number] + unnumbered == 0 {
            expect(dropped + refused + conflated, missing.count + untaken.count) {
                "lost: \(party.name) has dropped \($0), and has not sent or taken \($1)"
            }
        }
    }

    /// How many messages a proxy has given to a socket, where it is not known which: it has taken them from a socket of
    /// the program's own, or the socket is its capture socket.
    private func givenByNumber(to party: Facts.Party) -> Int? {
        if !party.shows.isEmpty { return party.shown }
        guard let partner = party.partner, facts.parties[partner].group != nil else { return nil }
        return facts.parties[partner].forwarded
    }

    private mutating func checkForwarded(_ party: Facts.Party, _ counters: Facts.Counters) {
        if party.end == .none, party.partner != nil {
            expect(party.forwarded, counters.received - counters.dropped(Self.receiving)) {
                "counter: the proxy of \(party.name) counts \($0) forwarded of \($1)"
            }
        }
        guard !party.shows.isEmpty else { return }
        expect(party.shown + party.notShown, party.shows.reduce(0) { $0 + facts.parties[$1].forwarded }) {
            "counter: the proxy of \(party.name) counts \($0) captured of \($1)"
        }
    }

    // MARK: Bytes

    private mutating func checkBytes(of number: Int, _ counters: Facts.Counters) {
        let party = facts.parties[number]
        let isTranslated = facts.flows.contains { ($0.writer == number || $0.reader == number) && $0.isTranslated }
        guard !isTranslated else { return }
        let written = facts.flows.reduce(0) { $0 + ($1.writer == number ? $1.bytesWritten : 0) }
        let read = facts.flows.reduce(0) { $0 + ($1.reader == number ? $1.bytesRead : 0) }
        expect(counters.bytesSent, written) { "counter: \(party.name) counts \($0) bytes sent of \($1)" }
        expect(counters.bytesReceived, read) { "counter: \(party.name) counts \($0) bytes received of \($1)" }
    }

    // MARK: Within a program

    /// What sockets of one program have sent each other has been received, or dropped by one of them.
    mutating func checkGroups() {
        let groups = Set(facts.parties.compactMap(\.group)).sorted()
        for group in groups {
            let members = Set(facts.parties.indices.filter { facts.parties[$0].group == group })
            // What was in a socket that is not there any more is not known.
            let isWhole = members.allSatisfy { ![.crashed, .closing].contains(facts.parties[$0].end) }
            if isWhole { checkGroup(members) }
        }
    }

    private mutating func checkGroup(_ members: Set<Int>) {
        let counters = members.sorted().compactMap { facts.parties[$0].counters }
        let names = members.sorted().map(name).joined(separator: ", ")
        let entries = facts.entries.filter { members.contains($0.sender) }
        if let proxied = members.first(where: { facts.parties[$0].partner != nil }) {
            return checkGroup(members, at: proxied, entries, names)
        }
        let missing = entries.filter { !$0.isWithdrawn }.reduce(0) { $0 + $1.copies - $1.receipts.count }
        let withdrawn = entries.filter(\.isWithdrawn).reduce(0) { $0 + $1.copies - $1.receipts.count }
        let dropped = counters.reduce(0) { $0 + $1.dropped(DropReason.all) }
        if !(missing...missing + withdrawn).contains(dropped) {
            let reasons = counters.map(\.dropped)
            report("lost: \(names) have dropped \(dropped), and have not got \(missing) of their messages: \(reasons)")
        }
        guard !members.contains(where: { facts.parties[$0].role == .xpub }) else { return }
        let (sent, received) = (counters.reduce(0) { $0 + $1.sent }, counters.reduce(0) { $0 + $1.received })
        if sent != received { report("counter: \(names) count \(sent) sent and \(received) received") }
        let taken =
            entries.reduce(0) { $0 + $1.receipts.count } + counters.reduce(0) { $0 + $1.dropped(Self.receiving) }
        let conflated = counters.reduce(0) { $0 + $1.dropped([.conflated]) }
        if !(taken...taken + conflated).contains(received) {
            report("counter: \(names) count \(received) received, and have taken or refused \(taken)")
        }
    }

    /// Sockets of one program that talk to its proxy: what they have sent, the proxy has taken, and what the proxy has
    /// taken at its other socket, they have received; or one of them has dropped it.
    private mutating func checkGroup(_ members: Set<Int>, at proxied: Int, _ entries: [Facts.Entry], _ names: String) {
        let front = facts.parties[proxied]
        let sent = entries.reduce(0) { $0 + $1.copies } - front.forwarded
        let others = facts.entries.filter { !members.contains($0.sender) }
        let receipts = others.reduce(0) { $0 + $1.receipts.count { members.contains($0.party) } }
        let received = facts.parties[front.partner!].forwarded - receipts
        let withdrawn = entries.count(where: \.isWithdrawn)
        let counters = members.sorted().compactMap { facts.parties[$0].counters }
        let dropped = counters.reduce(0) { $0 + $1.dropped(DropReason.all) }
        if !(sent + received - withdrawn...sent + received).contains(dropped) {
            report("lost: \(names) have dropped \(dropped) of \(sent) to the proxy, and of \(received) from there")
        }
        let (out, back) = (counters.reduce(0) { $0 + $1.sent }, counters.reduce(0) { $0 + $1.received })
        if out != back { report("counter: \(names) count \(out) sent and \(back) received") }
    }
}
