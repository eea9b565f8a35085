import ZMQReactor
import ZMQReactorTesting

/// Collects the facts of a world: what was sent by which socket, what each received, and which connections there were.
final class Ledger {
    /// Indexed by the numbers of the messages.
    private(set) var entries: [Facts.Entry] = []
    private(set) var problems: [String] = []

    /// The socket of a node from its start to its end. Indexed by number.
    private(set) var parties: [Party] = []
    private(set) var links: [Link] = []

    /// A connection and the sockets at its ends.
    struct Link {
        let connection: MemoryConnection
        let near: Party
        let far: Party
    }

    var nextNumber: Int { entries.count }

    func add(_ party: Party) { parties.append(party) }

    func add(_ connection: MemoryConnection, from near: Party, to far: Party) {
        links.append(Link(connection: connection, near: near, far: far))
    }

    /// A message has been accepted for so many peers.
    func sent(by party: Party, copies: Int, to audience: Facts.Audience = .any) {
        entries.append(Facts.Entry(sender: party.number, copies: copies, audience: audience))
    }

    func withdraw(_ number: Int) {
        entries[number].isWithdrawn = true
        if entries[number].audience != .any { report("request \(number) of the last round has no reply") }
    }

    func received(_ number: Int, by party: Party) {
        guard entries.indices.contains(number) else { return report("message \(number), which nothing has sent") }
        entries[number].receipts.append(Facts.Receipt(party: party.number, order: party.received))
        party.received += 1
    }

    func report(_ problem: String) { problems.append(problem) }

    /// All of it up to now.
    var facts: Facts {
        Facts(parties: parties.map(\.facts), entries: entries, flows: links.flatMap(\.flows), problems: problems)
    }
}

extension Ledger.Link {
    fileprivate var flows: [Facts.Flow] {
        [flow(connection.forward, near, far), flow(connection.backward, far, near)]
    }

    private func flow(_ direction: MemoryDirection, _ writer: Party, _ reader: Party) -> Facts.Flow {
        let isWebSocket = connection.endpoint.hasSuffix("+ws")
        let bytes = direction.record ?? []
        let record =
            isWebSocket
            ? WireRecord(ofWebSocket: bytes, ofSubscriber: writer.role == .sub || writer.role == .xsub)
            : WireRecord(bytes, isRaw: writer.role == .stream)
        return Facts.Flow(
            writer: writer.number,
            reader: reader.number,
            messages: record.messages.map { .init(number: $0.number, isRead: $0.end <= direction.bytesRead) },
            bytesWritten: direction.bytesWritten,
            bytesRead: direction.bytesRead,
            isTorn: record.isTorn,
            isTranslated: isWebSocket,
            isOver: !connection.isOpen
        )
    }
}
