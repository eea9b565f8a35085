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
            if !writer.relays {
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

    /// Where a message stands among those that a proxy could take, by the way that it came, and how often it came.
    private struct Place {
        let way: Int
        let place: Int
        var count: Int
    }

    /// What sockets of a proxy have read, or been sent within the program.
    private func places(readBy sources: [Int]) -> [Int: Place] {
        var places: [Int: Place] = [:]
        for (number, flow) in facts.flows.enumerated() where sources.contains(flow.reader) {
            for (place, message) in flow.messages.enumerated() where message.isRead {
                guard let id = message.number else { continue }
                places[id] = Place(way: number, place: place, count: (places[id]?.count ?? 0) + 1)
            }
        }
        let groups = Set(sources.compactMap { facts.parties[$0].group })
        for (id, entry) in facts.entries.enumerated() where !groups.isEmpty {
            let sender = facts.parties[entry.sender]
            guard let group = sender.group, groups.contains(group) else { continue }
            // Where order is not kept, each message has a way of its own. Messages of an earlier connection are ahead of
            // those of a later one only at a socket with one peer at a time.
            let isReceivedInOrder = sources.lazy.map { facts.parties[$0] }.filter { $0.group == group }.allSatisfy {
                $0.role.isExclusive || !$0.hasChangedWays
            }
            let isOrdered = isReceivedInOrder && !sender.role.redistributes && !sender.hasChangedWays
            places[id] = Place(
                way: -1 - (isOrdered ? entry.sender : facts.parties.count + id),
                place: id,
                count: entry.copies
            )
        }
        return places
    }

    /// Checks what a proxy has read at a socket against what it has written at the other one.
    mutating func checkRelay(from source: Int) {
        guard let sink = facts.parties[source].partner else { return }
        let places = places(readBy: [source])
        // How many peers the other socket had for a message is not known.
        if !facts.parties[sink].role.goesToAll {
            let (from, to) = (facts.parties[source].group, facts.parties[sink].group)
            for id in places.keys.sorted() {
                let count =
                    to == nil
                    ? writes[id].count { $0.writer == sink }
                    : facts.entries[id].receipts.count { facts.parties[$0.party].group == to }
                if count > places[id]!.count {
                    report("duplicated: \(name(sink)) writes message \(id) \(count) times")
                }
                // Within a program, messages that did not get to the proxy are known by their number only.
                if from == nil, to == nil {
                    missing[sink] += Array(repeating: id, count: max(places[id]!.count - count, 0))
                }
            }
        }
        for flow in facts.flows where flow.writer == sink { checkRelayed(flow, places) }
    }

    /// Checks what a capture socket has written against what the sockets of its proxy have read.
    mutating func checkCapture(by number: Int) {
        let party = facts.parties[number]
        guard !party.shows.isEmpty else { return }
        let places = places(readBy: party.shows)
        for flow in facts.flows where flow.writer == number { checkRelayed(flow, places) }
        guard !party.role.goesToAll else { return }
        for id in places.keys.sorted() {
            let count = writes[id].count { $0.writer == number }
            if count > places[id]!.count { report("duplicated: \(name(number)) shows message \(id) \(count) times") }
        }
    }

    private mutating func checkRelayed(_ flow: Facts.Flow, _ places: [Int: Place]) {
        let sink = facts.parties[flow.writer]
        // By the way that a message came.
        var last: [Int: Int] = [:]
        for id in flow.messages.compactMap(\.number) {
            guard let place = places[id] else {
                report("unknown: \(sink.name) writes message \(id), which its proxy has not read")
                continue
            }
            if place.place <= last[place.way, default: -1], !sink.role.redistributes {
                report("reordered: \(sink.name) writes \(id) behind what its proxy has read later")
            }
            last[place.way] = place.place
        }
    }
}
