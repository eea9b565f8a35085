import ZMQReactor
import ZMQReactorTesting

/// What must hold of the facts when everything that was queued has arrived.
struct Books {
    private let ledger: Ledger
    private(set) var problems: [String] = []

    /// A complete message in a record.
    private struct Write {
        let link: Int
        let isForward: Bool
        let reader: Party
        let isRead: Bool
    }
    private var writes: [[Write]]
    /// What each party has written and read, as its counters should have it.
    private var sent: [Int]
    private var read: [Int]

    init(_ ledger: Ledger) {
        self.ledger = ledger
        writes = Array(repeating: [], count: ledger.entries.count)
        sent = Array(repeating: 0, count: ledger.parties.count)
        read = sent
        for number in ledger.links.indices { checkDirections(of: number) }
        for number in ledger.entries.indices { checkMessage(number) }
        for party in ledger.parties { check(party) }
    }

    private mutating func report(_ problem: String) { problems.append(problem) }

    // MARK: Connections

    private mutating func checkDirections(of number: Int) {
        let link = ledger.links[number]
        for isForward in [true, false] {
            let direction = isForward ? link.connection.forward : link.connection.backward
            let (writer, reader) = isForward ? (link.near, link.far) : (link.far, link.near)
            var last = -1
            var lastReceipt = -1
            for message in WireRecord(direction.record ?? []).messages {
                let isRead = message.end <= direction.bytesRead
                sent[writer.number] += 1
                if isRead { read[reader.number] += 1 }
                guard let id = message.number else { continue }
                guard writes.indices.contains(id) else {
                    report("\(writer.name) writes message \(id), which nothing has sent")
                    continue
                }
                writes[id].append(Write(link: number, isForward: isForward, reader: reader, isRead: isRead))
                if ledger.entries[id].sender != writer.number {
                    report("\(writer.name) writes message \(id) of \(ledger.parties[ledger.entries[id].sender].name)")
                }
                if id <= last, !writer.role.redistributes {
                    report("\(writer.name) writes \(id) behind \(last) to \(reader.name)")
                }
                last = max(last, id)
                for receipt in ledger.entries[id].receipts where receipt.party == reader.number {
                    if receipt.order < lastReceipt {
                        report("\(reader.name) got \(id) ahead of what \(writer.name) wrote before")
                    }
                    lastReceipt = receipt.order
                }
            }
        }
    }

    // MARK: Messages

    /// The messages of each party that have not been written to as many peers as they were for, and those read that it
    /// has not got.
    private var missing: [Int: [Int]] = [:]
    private var untaken: [Int: [Int]] = [:]

    private mutating func checkMessage(_ number: Int) {
        let entry = ledger.entries[number]
        let sender = ledger.parties[entry.sender]
        if writes[number].count > entry.copies {
            report("\(sender.name) writes message \(number) \(writes[number].count) times, for \(entry.copies) peers")
        }
        let missingCopies = entry.isWithdrawn ? 0 : max(entry.copies - writes[number].count, 0)
        for _ in 0..<missingCopies {
            missing[sender.number, default: []].append(number)
        }
        for write in writes[number] {
            let count = entry.receipts.count { $0.party == write.reader.number }
            let copies = writes[number].count { $0.reader.number == write.reader.number && $0.isRead }
            if count > copies { report("\(write.reader.name) got message \(number) \(count) times") }
            if write.isRead, count < copies { untaken[write.reader.number, default: []].append(number) }
        }
        for receipt in entry.receipts where !writes[number].contains(where: { $0.reader.number == receipt.party }) {
            report("\(ledger.parties[receipt.party].name) got message \(number), which was not written to it")
        }
    }

    // MARK: Sockets

    /// Drops of what was to be sent, and of what had arrived.
    private static let sending: [DropReason] = [.queueFull, .noSuchPeer, .peerGone, .lingerExpired, .conflated]
    private static let receiving: [DropReason] = [.malformed, .unexpected, .notSubscribed, .noMemory]

    private mutating func check(_ party: Party) {
        guard let statistics = party.statistics else { return }
        let dropped = Self.sending.reduce(0) { $0 + statistics.dropped[$1] }
        let refused = Self.receiving.reduce(0) { $0 + statistics.dropped[$1] }
        let missing = missing[party.number] ?? []
        let untaken = untaken[party.number] ?? []
        switch party.end {
        case .crashed, .closing: return
        case .closed(let unsent):
            if party.role != .rep, party.role != .req, max(dropped, unsent) != missing.count {
                report(
                    "\(party.name) is closed with \(unsent) unsent, has dropped \(statistics.dropped), and has not written \(missing.count): \(missing.prefix(10))"
                )
            }
        case .none:
            if dropped != missing.count {
                report(
                    "\(party.name) has dropped \(statistics.dropped), and has not written \(missing.count): \(missing.prefix(10))"
                )
            }
            if refused != untaken.count {
                report(
                    "\(party.name) has dropped \(statistics.dropped), and has not taken \(untaken.count): \(untaken.prefix(10))"
                )
            }
            // An XPUB also receives subscriptions.
            if party.role != .xpub, statistics.messagesReceived != read[party.number] {
                report("\(party.name) counts \(statistics.messagesReceived) received of \(read[party.number])")
            }
        }
        if statistics.messagesSent != sent[party.number] {
            report("\(party.name) counts \(statistics.messagesSent) sent of \(sent[party.number])")
        }
    }
}
