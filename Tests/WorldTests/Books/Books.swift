import ZMQReactor

/// What must hold of the facts when everything that was queued has arrived.
///
/// * Each message is written to no more peers than it was for, and by its sender alone; what it was not written to, the
///   sender has dropped, for a reason that its type has.
/// * What was written and read, the reader has received once, whole, in its order, or dropped for such a reason.
/// * What a proxy has read at one side, it has written at the other, and shown to its capture socket, or that has missed
///   it.
/// * The counters are the facts.
/// * The messages of the last round have got to all that they were for.
/// * Nothing is left behind.
struct Books {
    let facts: Facts
    private(set) var problems: [String]

    /// A message in a flow.
    struct Write {
        let flow: Int
        let writer: Int
        let reader: Int
        let isRead: Bool
    }
    /// By message.
    var writes: [[Write]]
    /// By party: its messages that have not been written to as many peers as they were for, those read that it has not
    /// received, and those that its sender has given up.
    var missing: [[Int]]
    var untaken: [[Int]]
    var withdrawn: [Int]

    init(_ facts: Facts) {
        self.facts = facts
        problems = facts.problems + facts.remains.problems
        writes = Array(repeating: [], count: facts.entries.count)
        missing = Array(repeating: [], count: facts.parties.count)
        untaken = missing
        withdrawn = Array(repeating: 0, count: facts.parties.count)
        for number in facts.flows.indices { checkFlow(number) }
        for number in facts.entries.indices { checkMessage(number) }
        checkOrderOfLocalMessages()
        for number in facts.parties.indices { checkRelay(from: number) }
        for number in facts.parties.indices { checkCapture(by: number) }
        for number in facts.parties.indices { checkCounters(of: number) }
        checkGroups()
    }

    mutating func report(_ problem: String) { problems.append(problem) }

    func name(_ party: Int) -> String { facts.parties[party].name }

    // MARK: Messages

    private mutating func checkMessage(_ number: Int) {
        let entry = facts.entries[number]
        let isLocal = facts.parties[entry.sender].group != nil
        let own = writes[number].filter { $0.writer == entry.sender }
        let receipts = entry.receipts.count { !facts.parties[$0.party].isWitness }
        let count = isLocal ? receipts : own.count
        if count > entry.copies {
            report("duplicated: \(name(entry.sender)) sends message \(number) \(count) times, for \(entry.copies)")
        }
        if !isLocal {
            let lost = Array(repeating: number, count: max(entry.copies - own.count, 0))
            if entry.isWithdrawn { withdrawn[entry.sender] += lost.count } else { missing[entry.sender] += lost }
        }
        checkReceipts(of: number, isLocal: isLocal)
        checkAudience(of: number)
    }

    private mutating func checkReceipts(of number: Int, isLocal: Bool) {
        let receipts = facts.entries[number].receipts
        for reader in Set(writes[number].map(\.reader)).sorted() where facts.parties[reader].partner == nil {
            let read = writes[number].count { $0.reader == reader && $0.isRead }
            let count = receipts.count { $0.party == reader }
            if count > read {
                report(
                    "duplicated: \(name(reader)) got message \(number) \(count) times, and has read it \(read) times"
                )
            }
            untaken[reader] += Array(repeating: number, count: max(read - count, 0))
        }
        guard !isLocal else { return }
        // To sockets of a program, its proxy may have passed it.
        for receipt in receipts
        where facts.parties[receipt.party].group == nil
            && !writes[number].contains(where: { $0.reader == receipt.party })
        {
            report("unknown: \(name(receipt.party)) got message \(number), which was not written to it")
        }
    }

    private mutating func checkAudience(of number: Int) {
        let entry = facts.entries[number]
        switch entry.audience {
        case .any: break
        case .someone:
            if entry.receipts.allSatisfy({ facts.parties[$0.party].isWitness }) {
                report("lost: nothing got message \(number) of \(name(entry.sender))")
            }
        case .all(let parties):
            for party in parties where !entry.receipts.contains(where: { $0.party == party }) {
                report(
                    "lost: \(name(party)) did not get message \(number) of \(name(entry.sender)), for \(entry.copies)"
                )
            }
        }
    }
}
