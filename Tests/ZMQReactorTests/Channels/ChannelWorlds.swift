@testable import ZMQReactor

/// A producer and a consumer of a channel, between two of its calls.
protocol ChannelWorld {
    /// What distinguishes this moment from others.
    var key: [Int] { get }

    /// What can happen next; nothing when both sides sleep.
    var next: [Self] { get }

    /// Whether all is done.
    var isDone: Bool { get }
}

/// Messages by number, with their sizes and the limits for those that are on their way.
struct ChannelLoad {
    /// Each message's size.
    let sizes: [Int]
    let limit: Int
    /// nil for none.
    let byteLimit: Int?

    /// Whether others wait for the bytes of this one, because a budget is used up.
    var sharesBudget = false

    func credit(_ range: Range<Int>) -> Credit {
        Credit(messages: range.count, bytes: range.reduce(0) { $0 + sizes[$1] })
    }

    var window: CreditWindow { CreditWindow(messages: limit, bytes: byteLimit) }
}

extension CreditWindow {
    var key: [Int] { [outstanding.messages, outstanding.bytes, wasFull ? 1 : 0, isAwaiting ? 1 : 0] }
}

extension ChannelState {
    var key: [Int] {
        [items.reduce(0) { $0 + $1.messageCount }, isConsumerDue ? 1 : 0, acknowledged.messages, acknowledged.bytes]
            + [awaited.messages, awaited.bytes, isClosed ? 1 : 0]
    }

    /// Puts in so many messages.
    mutating func put(_ count: Int = 1, awaiting: Credit = .zero) -> (wakes: Bool, credit: Credit) {
        put(awaiting: awaiting) { put in
            for _ in 0..<count { put(.messages(MessageBatch(Message()))) }
            return nil
        }
    }
}

extension ChannelItem {
    fileprivate var messageCount: Int { if case .messages(let batch) = self { batch.count } else { 0 } }
}

/// Takes messages from a channel and acknowledges them when they are used: a socket whose application takes them, or a
/// session pipe whose connection sends them.
struct ChannelConsumer {
    var isWoken = false
    private(set) var isTaking = false
    /// Taken from the channel, and not used.
    private(set) var held = 0
    private(set) var used = 0
    private(set) var unacknowledged = Credit.zero
    private(set) var hasSeenEnd = false

    var key: [Int] {
        [
            isWoken ? 1 : 0, isTaking ? 1 : 0, held, used, unacknowledged.messages, unacknowledged.bytes,
            hasSeenEnd ? 1 : 0,
        ]
    }

    enum Step: CaseIterable { case wake, take, use, acknowledge }

    /// Does the step. Returns whether it wakes the producer, and nil when it is not possible now.
    mutating func perform(_ step: Step, at channel: inout ChannelState, of load: ChannelLoad) -> Bool? {
        switch step {
        case .wake:
            guard isWoken, !isTaking else { return nil }
            (isWoken, isTaking) = (false, true)
        case .take:
            guard isTaking else { return nil }
            let (items, isClosed) = channel.take(.empty)
            held += items.reduce(0) { $0 + $1.messageCount }
            if isClosed { hasSeenEnd = true }
            isTaking = !items.isEmpty
        case .use:
            guard held > 0 else { return nil }
            held -= 1
            unacknowledged += load.credit(used..<used + 1)
            used += 1
        case .acknowledge:
            guard unacknowledged != .zero else { return nil }
            defer { unacknowledged = .zero }
            return channel.acknowledge(unacknowledged)
        }
        return false
    }
}
