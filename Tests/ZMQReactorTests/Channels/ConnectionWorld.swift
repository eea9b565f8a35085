@testable import ZMQReactor

/// A `ChannelConnection` that sends, as the producer.
struct ConnectionWorld: ChannelWorld {
    let load: ChannelLoad
    /// How often the application may ask how full the queue is, without sending.
    var asks: Int
    /// Whether the connection at the other end may be lost, so that what has not been used comes back.
    let mayLose: Bool

    private var channel = ChannelState()
    private var window: CreditWindow
    private var consumer = ChannelConsumer()
    private var handedOver = 0
    private var sent = 0
    private var isScheduled = false
    private var isWoken = false
    /// Whether the application waits for room.
    private var isBlocked = false
    private var isClosed = false
    private var isLost = false
    /// What returned from a connection that is lost; nil until this end knows.
    private var returned: Int?

    /// What follows when all credit has been taken.
    private enum Purpose: Int { case sending = 1, asking, endingTurn, endingTurnAndWaking }
    private var asksFor: Purpose?

    init(_ load: ChannelLoad, asks: Int, mayLose: Bool) {
        (self.load, self.asks, self.mayLose) = (load, asks, mayLose)
        window = load.window
    }

    var key: [Int] {
        channel.key + consumer.key + window.key + [handedOver, sent, asks, asksFor?.rawValue ?? 0, returned ?? -1]
            + [isScheduled, isWoken, isBlocked, isClosed, isLost].map { $0 ? 1 : 0 }
    }

    var isDone: Bool {
        if let returned { return consumer.used + returned == handedOver }
        return consumer.used == load.sizes.count && consumer.hasSeenEnd && isAccounted
    }

    /// Others wait for what was outstanding here, so that all of it is acknowledged in the end.
    private var isAccounted: Bool { !load.sharesBudget || window.outstanding == .zero }

    private var queued: Credit { load.credit(handedOver..<sent) }
    private var hasKnownCapacity: Bool { window.canReserve(behind: queued) }

    private mutating func awaitedCredit() -> Credit {
        window.awaited(behind: queued, isFull: !hasKnownCapacity, sharesBudget: load.sharesBudget)
    }

    enum Step: CaseIterable { case takeAcknowledged, send, ask, wake, endTurn, close, lose, learnOfLoss }

    private mutating func perform(_ step: Step) -> Bool {
        if returned != nil { return false }
        if let purpose = asksFor, step != .lose {
            guard step == .takeAcknowledged else { return false }
            return takeAcknowledged(for: purpose)
        }
        switch step {
        case .takeAcknowledged: return false
        case .send:
            guard sent < load.sizes.count, !isBlocked else { return false }
            if hasKnownCapacity { send() } else { asksFor = .sending }
        case .ask:
            guard asks > 0 else { return false }
            asks -= 1
            asksFor = .asking
        case .wake:
            guard isWoken else { return false }
            (isWoken, isScheduled) = (false, true)
        case .endTurn:
            guard isScheduled else { return false }
            flush()
        case .close:
            guard sent == load.sizes.count, handedOver == sent, !isClosed else { return false }
            isClosed = true
            if channel.close() { consumer.isWoken = true }
        case .lose:
            guard mayLose, !isLost else { return false }
            isLost = true
        case .learnOfLoss:
            guard isLost else { return false }
            window.acknowledge(channel.takeAcknowledged(awaiting: .zero))
            returned = consumer.held + channel.key[0]
        }
        return true
    }

    private mutating func send() {
        sent += 1
        isScheduled = true
    }

    private mutating func takeAcknowledged(for purpose: Purpose) -> Bool {
        let credit = channel.takeAcknowledged(awaiting: awaitedCredit())
        let asksAgain = window.receive(credit)
        if credit != .zero { isScheduled = true }
        guard !asksAgain else { return true }
        asksFor = nil
        switch purpose {
        case .asking: break
        case .sending: if hasKnownCapacity { send() } else { isBlocked = true }
        case .endingTurn: endTurn(wakes: false)
        case .endingTurnAndWaking: endTurn(wakes: true)
        }
        return true
    }

    private mutating func flush() {
        let (wakes, credit) = channel.put(sent - handedOver, awaiting: awaitedCredit())
        window.reserve(queued)
        handedOver = sent
        if window.receive(credit) {
            asksFor = wakes ? .endingTurnAndWaking : .endingTurn
        } else {
            endTurn(wakes: wakes)
        }
    }

    private mutating func endTurn(wakes: Bool) {
        if wakes { consumer.isWoken = true }
        isScheduled = false
        if window.isHalfEmpty(with: queued) { isBlocked = false }
    }

    var next: [ConnectionWorld] {
        var worlds: [ConnectionWorld] = []
        for step in Step.allCases {
            var world = self
            if world.perform(step) { worlds.append(world) }
        }
        // Behind a connection that is lost nothing more is used.
        guard !isLost else { return worlds }
        for step in ChannelConsumer.Step.allCases {
            var world = self
            guard let wakes = world.consumer.perform(step, at: &world.channel, of: load) else { continue }
            if wakes { world.isWoken = true }
            worlds.append(world)
        }
        return worlds
    }
}
