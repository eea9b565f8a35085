import ZMQReactor
import ZMQReactorTesting

/// The facts of a world: what was sent by which socket, what each received, and which connections there were.
final class Ledger {
    struct Receipt {
        let party: Int
        /// The order of receipt at the party.
        let order: Int
    }

    struct Entry {
        let sender: Int
        /// How many peers are to get it.
        let copies: Int
        var receipts: [Receipt] = []
        /// The sender has given it up, as a REQ does after a timeout.
        var isWithdrawn = false
    }

    /// Indexed by the numbers of the messages.
    private(set) var entries: [Entry] = []
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
    func sent(by party: Party, copies: Int) {
        entries.append(Entry(sender: party.number, copies: copies))
        party.accepted += 1
    }

    func withdraw(_ number: Int) { entries[number].isWithdrawn = true }

    func received(_ number: Int, by party: Party) {
        guard entries.indices.contains(number) else { return report("message \(number), which nothing has sent") }
        entries[number].receipts.append(Receipt(party: party.number, order: party.received))
        party.received += 1
    }

    func report(_ problem: String) { problems.append(problem) }
}
