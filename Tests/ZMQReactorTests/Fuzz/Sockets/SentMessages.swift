/// The messages of some senders, against which those that have been delivered are held: each is one of them, at most
/// once, and those of a sender come in its order.
struct SentMessages {
    private struct Origin {
        let sender: Int
        let position: Int
    }

    private var origins: [[[UInt8]]: [Origin]] = [:]
    /// Messages that no sender has sent as such, and that may come at any place.
    private var others: [[[UInt8]]: Int] = [:]
    private var counts: [Int: Int] = [:]

    mutating func add(_ message: [[UInt8]], from sender: Int) {
        let position = counts[sender, default: 0]
        counts[sender] = position + 1
        origins[message, default: []].append(Origin(sender: sender, position: position))
    }

    mutating func allow(_ message: [[UInt8]]) { others[message, default: 0] += 1 }

    /// What is wrong with the messages in the order in which they were delivered; nil if nothing is.
    func fault(in delivered: [[[UInt8]]]) -> String? {
        var seen: [[[UInt8]]: Int] = [:]
        var last: [Int: Int] = [:]
        for message in delivered {
            let known = origins[message] ?? []
            let count = seen[message, default: 0] + 1
            seen[message] = count
            if count > known.count + (others[message] ?? 0) {
                return known.isEmpty && others[message] == nil
                    ? "a message that nothing has sent: \(message)" : "a message came \(count) times: \(message)"
            }
            guard known.count == 1, others[message] == nil else { continue }
            if let before = last[known[0].sender], before > known[0].position {
                return "a message came behind a later one: \(message)"
            }
            last[known[0].sender] = known[0].position
        }
        return nil
    }
}
