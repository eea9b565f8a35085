/// Messages, and the bytes they take on the wire.
struct Credit: Equatable, Sendable {
    var messages = 0
    var bytes = 0

    static let zero = Credit()

    @inline(__always)
    static func + (left: Credit, right: Credit) -> Credit {
        Credit(messages: left.messages &+ right.messages, bytes: left.bytes &+ right.bytes)
    }

    @inline(__always)
    static func += (left: inout Credit, right: Credit) { left = left + right }

    /// What remains of it without `part`, and at least nothing.
    func less(_ part: Credit) -> Credit {
        Credit(messages: max(messages - part.messages, 0), bytes: max(bytes - part.bytes, 0))
    }

    /// Whether it is at least `other`, in messages and in bytes.
    func covers(_ other: Credit) -> Bool { messages >= other.messages && bytes >= other.bytes }
}

/// Flow control of one direction of a pipe. It is the only place that knows the high-water marks.
///
/// Rules:
/// * What the pipe has handed on is outstanding until it is acknowledged. What waits in the pipe's own queue counts
///   against the same marks, and is an argument of each question.
/// * There is room for one more while both the messages and the bytes are below their marks. So the mark in bytes is
///   exceeded by no more than the message that reaches it, and a message larger than the mark passes when nothing is
///   ahead of it.
/// * A window that was full has room again when it is half empty, in messages and in bytes.
struct CreditWindow {
    /// The most messages; `Int.max` for no limit.
    private(set) var messageLimit: Int

    /// The bytes at which no further message is accepted; `Int.max` for no limit.
    private(set) var byteLimit: Int

    /// Handed on and not acknowledged.
    private(set) var outstanding = Credit.zero

    /// Whether the window was full and has not been half empty since.
    private(set) var wasFull = true

    /// Whether the last result of `awaited` was more than nothing.
    private(set) var isAwaiting = false

    /// - Parameters:
    ///   - messages: the mark in messages; 0 for none.
    ///   - bytes: the mark in bytes; nil for none.
    init(messages: Int, bytes: Int?) {
        messageLimit = messages == 0 ? .max : messages
        byteLimit = bytes ?? .max
    }

    /// The window of a queue that one side fills and the other empties: the marks of both add up, and without a mark on
    /// either side there is none.
    init(joining one: CreditWindow, _ other: CreditWindow) {
        func sum(_ one: Int, _ other: Int) -> Int {
            let (sum, isTooLarge) = one.addingReportingOverflow(other)
            return isTooLarge ? .max : sum
        }
        messageLimit = sum(one.messageLimit, other.messageLimit)
        byteLimit = sum(one.byteLimit, other.byteLimit)
    }

    static let unlimited = CreditWindow(messages: 0, bytes: nil)

    /// Whether nothing more is accepted.
    var isClosed: Bool { messageLimit < 0 }
    mutating func close() { messageLimit = .min }

    // MARK: What is outstanding

    @inline(__always)
    mutating func reserve(_ credit: Credit) { outstanding += credit }

    /// What an earlier connection brought may be acknowledged to a later one; it has no effect.
    mutating func acknowledge(_ credit: Credit) { outstanding = outstanding.less(credit) }

    /// As `acknowledge`, of credit that was taken out of a channel. Returns whether to take more at once: a producer
    /// that has found credit is not woken by further credit until it has asked again.
    mutating func receive(_ credit: Credit) -> Bool {
        acknowledge(credit)
        return credit != .zero && isAwaiting
    }

    /// Nothing of what is outstanding will be acknowledged.
    mutating func forgetOutstanding() { outstanding = .zero }

    /// The other side is a new one, which may find the window as full as it was before.
    mutating func restart() { wasFull = true }

    // MARK: Questions

    func canReserve(behind queued: Credit) -> Bool {
        let total = outstanding + queued
        return total.messages < messageLimit && total.bytes < byteLimit
    }

    /// How many messages of so many bytes in all may follow at once: as many as the mark in messages allows when all
    /// their bytes fit below the mark, else one.
    func available(behind queued: Credit, for bytes: Int) -> Int {
        let total = outstanding + queued
        guard total.messages < messageLimit, total.bytes < byteLimit else { return 0 }
        return bytes <= byteLimit - total.bytes ? messageLimit - total.messages : 1
    }

    /// The messages, outstanding and queued, up to which both marks hold when none is larger than `size`.
    func clearLevel(forMessagesUpTo size: Int) -> Int { min(messageLimit, byteLimit / size) }

    func isHalfEmpty(with queued: Credit) -> Bool {
        let total = outstanding + queued
        return total.messages <= messageLimit / 2 && total.bytes <= byteLimit / 2
    }

    /// What has to be acknowledged until the window is half empty.
    private func excess(with queued: Credit) -> Credit {
        (outstanding + queued).less(Credit(messages: messageLimit / 2, bytes: byteLimit / 2))
    }

    /// How much the other side has to acknowledge before it wakes this one; nothing when this side does not wait.
    ///
    /// - Parameters:
    ///   - isFull: whether there is no room for one more.
    ///   - sharesBudget: whether others wait for the bytes in this window: then half of them are awaited, too.
    mutating func awaited(behind queued: Credit, isFull: Bool, sharesBudget: Bool) -> Credit {
        if isFull { wasFull = true }
        var awaited = Credit.zero
        if wasFull {
            awaited = excess(with: queued)
            if awaited == .zero { wasFull = false }
        }
        let total = outstanding + queued
        if sharesBudget, total.messages > 0 {
            let half = Credit(messages: 1, bytes: total.bytes - total.bytes / 2)
            if awaited == .zero || awaited.covers(half) { awaited = half }
        }
        isAwaiting = awaited != .zero
        return awaited
    }
}
