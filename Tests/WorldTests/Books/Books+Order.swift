// What each connection has carried, and in which order.
extension Books {
    mutating func checkFlow(_ number: Int) {
        let flow = facts.flows[number]
        let writer = facts.parties[flow.writer]
        if flow.isTorn { report("torn: \(writer.name) writes what is no message to \(name(flow.reader))") }
        var last = -1
        var lastReceipt = -1
        for message in flow.messages {
            guard let id = message.number else { continue }
            guard facts.entries.indices.contains(id) else {
                report("unknown: \(writer.name) writes message \(id), which nothing has sent")
                continue
            }
            writes[id].append(Write(flow: number, writer: flow.writer, reader: flow.reader, isRead: message.isRead))
            let entry = facts.entries[id]
            if writer.partner == nil {
                if entry.sender != flow.writer {
                    report("unknown: \(writer.name) writes message \(id) of \(name(entry.sender))")
                }
                if id <= last, !writer.role.redistributes {
                    report("reordered: \(writer.name) writes \(id) behind \(last) to \(name(flow.reader))")
                }
                last = max(last, id)
            }
            for receipt in entry.receipts where receipt.party == flow.reader {
                if receipt.order < lastReceipt {
                    report("reordered: \(name(flow.reader)) got \(id) ahead of what \(writer.name) wrote before")
                }
                lastReceipt = receipt.order
            }
        }
    }

    /// Without a connection on a network, order shows in what is received.
    mutating func checkOrderOfLocalMessages() {
        // By sender and receiver.
        var last: [[Int]: Int] = [:]
        for (number, entry) in facts.entries.enumerated() {
            let sender = facts.parties[entry.sender]
            guard sender.group != nil, !sender.role.redistributes, !sender.hasChangedWays else { continue }
            for receipt in entry.receipts where !facts.parties[receipt.party].hasChangedWays {
                let way = [entry.sender, receipt.party]
                if let order = last[way], receipt.order < order {
                    report("reordered: \(name(receipt.party)) got \(number) ahead of earlier ones of \(sender.name)")
                }
                last[way] = receipt.order
            }
        }
    }

    // MARK: Proxies

    /// Checks what a proxy has read at a socket against what it has written at the other one.
    mutating func checkRelay(from source: Int) {
        guard let sink = facts.parties[source].partner else { return }
        // Where each message stands in what was read.
        var places: [Int: (flow: Int, place: Int, count: Int)] = [:]
        for (number, flow) in facts.flows.enumerated() where flow.reader == source {
            for (place, message) in flow.messages.enumerated() where message.isRead {
                guard let id = message.number else { continue }
                places[id] = (number, place, (places[id]?.count ?? 0) + 1)
            }
        }
        // How many peers the other socket had for a message is not known.
        let fansOut = facts.parties[sink].role.goesToAll
        for id in places.keys.sorted() {
            let count = writes[id].count { $0.writer == sink }
            if !fansOut, count > places[id]!.count {
                report("duplicated: \(name(sink)) writes message \(id) \(count) times")
            }
            if !fansOut { missing[sink] += Array(repeating: id, count: max(places[id]!.count - count, 0)) }
        }
        for flow in facts.flows where flow.writer == sink { checkRelayed(flow, places) }
    }

    private mutating func checkRelayed(
        _ flow: Facts.Flow,
        _ places: [Int: (flow: Int, place: Int, count: Int)]
    ) {
        let sink = facts.parties[flow.writer]
        // By the connection that a message came by.
        var last: [Int: Int] = [:]
        for id in flow.messages.compactMap(\.number) {
            guard let (source, place, _) = places[id] else {
                report("unknown: \(sink.name) writes message \(id), which its proxy has not read")
                continue
            }
            if place <= last[source, default: -1], !sink.role.redistributes {
                report("reordered: \(sink.name) writes \(id) behind what its proxy has read later")
            }
            last[source] = place
        }
    }
}
