@testable import ZMQReactor

/// A producer and a consumer at a lane, at a moment between two of its calls.
protocol LaneWorld {
    /// What distinguishes this moment from others.
    var key: [Int] { get }

    /// What can happen next; nothing when both sides sleep.
    var next: [Self] { get }

    /// Whether all is done.
    var isDone: Bool { get }
}

/// Messages by number, with their sizes and the limits for those that are on their way.
struct LaneLoad {
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

extension LaneState {
    var key: [Int] {
        [parcels.reduce(0) { $0 + $1.messageCount }, isConsumerDue ? 1 : 0, used.messages, used.bytes]
            + [producerWaitsFor.messages, producerWaitsFor.bytes, isClosed ? 1 : 0]
    }

    /// As a lane does it, under its lock.
    mutating func put(_ count: Int, waitsFor: Credit) -> (wakes: Bool, used: Credit) {
        var wakes = false
        for _ in 0..<count { wakes = put(.messages(Run(Message()))) || wakes }
        return (wakes, collect(waitsFor: waitsFor))
    }
}

extension Parcel {
    fileprivate var messageCount: Int { if case .messages(let run) = self { run.count } else { 0 } }
}

/// Who takes messages from a lane and reports them when they are used: a socket whose application takes them, or a relay whose
/// connection sends them.
struct LaneConsumer {
    var isWoken = false
    private(set) var isTaking = false
    /// Taken from the lane, and not used.
    private(set) var held = 0
    private(set) var used = 0
    private(set) var unreported = Credit.zero
    private(set) var hasSeenEnd = false

    var key: [Int] {
        [isWoken ? 1 : 0, isTaking ? 1 : 0, held, used, unreported.messages, unreported.bytes, hasSeenEnd ? 1 : 0]
    }

    enum Step: CaseIterable { case wake, take, use, report }

    /// Does the step; nil when it is not possible now, and whether it wakes the producer otherwise.
    mutating func perform(_ step: Step, at lane: inout LaneState, of load: LaneLoad) -> Bool? {
        switch step {
        case .wake:
            guard isWoken, !isTaking else { return nil }
            (isWoken, isTaking) = (false, true)
        case .take:
            guard isTaking else { return nil }
            let (parcels, isClosed) = lane.take(.empty)
            held += parcels.reduce(0) { $0 + $1.messageCount }
            if isClosed { hasSeenEnd = true }
            isTaking = !parcels.isEmpty
        case .use:
            guard held > 0 else { return nil }
            held -= 1
            unreported += load.credit(used..<used + 1)
            used += 1
        case .report:
            guard unreported != .zero else { return nil }
            defer { unreported = .zero }
            return lane.report(unreported)
        }
        return false
    }
}

/// A `LaneLink` that sends, as the producer.
struct LinkWorld: LaneWorld {
    let load: LaneLoad
    /// How often the application may ask how full the queue is, without sending.
    var asks: Int
    /// Whether the connection at the other end may be lost, so that what has not been used comes back.
    let mayLose: Bool

    private var lane = LaneState()
    private var window: CreditWindow
    private var consumer = LaneConsumer()
    private var handedOver = 0
    private var sent = 0
    private var isScheduled = false
    private var isWoken = false
    /// Whether the application waits to hear of room.
    private var isBlocked = false
    private var isClosed = false
    private var isLost = false
    /// What came back from a connection that is lost; nil until it is known here.
    private var returned: Int?

    /// What follows when everything that has been used is known.
    private enum Purpose: Int { case sending = 1, asking, endingTurn, endingTurnAndWaking }
    private var collectsFor: Purpose?

    init(_ load: LaneLoad, asks: Int, mayLose: Bool) {
        (self.load, self.asks, self.mayLose) = (load, asks, mayLose)
        window = load.window
    }

    var key: [Int] {
        lane.key + consumer.key + window.key + [handedOver, sent, asks, collectsFor?.rawValue ?? 0, returned ?? -1]
            + [isScheduled, isWoken, isBlocked, isClosed, isLost].map { $0 ? 1 : 0 }
    }

    var isDone: Bool {
        if let returned { return consumer.used + returned == handedOver }
        return consumer.used == load.sizes.count && consumer.hasSeenEnd && isAccounted
    }

    /// Others that wait for what was outstanding here must learn that it is not any more.
    private var isAccounted: Bool { !load.sharesBudget || window.outstanding == .zero }

    private var queued: Credit { load.credit(handedOver..<sent) }
    private var hasRoom: Bool { window.hasRoom(behind: queued) }

    private mutating func awaitedUse() -> Credit {
        window.awaited(behind: queued, isFull: !hasRoom, sharesBudget: load.sharesBudget)
    }

    enum Step: CaseIterable { case collect, send, ask, wake, endTurn, close, lose, learnOfLoss }

    private mutating func perform(_ step: Step) -> Bool {
        if returned != nil { return false }
        if let purpose = collectsFor, step != .lose {
            guard step == .collect else { return false }
            return collect(for: purpose)
        }
        switch step {
        case .collect: return false
        case .send:
            guard sent < load.sizes.count, !isBlocked else { return false }
            if hasRoom { send() } else { collectsFor = .sending }
        case .ask:
            guard asks > 0 else { return false }
            asks -= 1
            collectsFor = .asking
        case .wake:
            guard isWoken else { return false }
            (isWoken, isScheduled) = (false, true)
        case .endTurn:
            guard isScheduled else { return false }
            flush()
        case .close:
            guard sent == load.sizes.count, handedOver == sent, !isClosed else { return false }
            isClosed = true
            if lane.close() { consumer.isWoken = true }
        case .lose:
            guard mayLose, !isLost else { return false }
            isLost = true
        case .learnOfLoss:
            guard isLost else { return false }
            window.acknowledge(lane.collect(waitsFor: .zero))
            returned = consumer.held + lane.key[0]
        }
        return true
    }

    private mutating func send() {
        sent += 1
        isScheduled = true
    }

    private mutating func collect(for purpose: Purpose) -> Bool {
        let used = lane.collect(waitsFor: awaitedUse())
        window.acknowledge(used)
        if used != .zero { isScheduled = true }
        guard used == .zero || !window.isAwaiting else { return true }
        collectsFor = nil
        switch purpose {
        case .asking: break
        case .sending: if hasRoom { send() } else { isBlocked = true }
        case .endingTurn: endTurn(wakes: false)
        case .endingTurnAndWaking: endTurn(wakes: true)
        }
        return true
    }

    private mutating func flush() {
        let (wakes, used) = lane.put(sent - handedOver, waitsFor: awaitedUse())
        window.reserve(queued)
        handedOver = sent
        window.acknowledge(used)
        if used != .zero, window.isAwaiting {
            collectsFor = wakes ? .endingTurnAndWaking : .endingTurn
        } else {
            endTurn(wakes: wakes)
        }
    }

    private mutating func endTurn(wakes: Bool) {
        if wakes { consumer.isWoken = true }
        isScheduled = false
        if window.isHalfEmpty(with: queued) { isBlocked = false }
    }

    var next: [LinkWorld] {
        var worlds: [LinkWorld] = []
        for step in Step.allCases {
            var world = self
            if world.perform(step) { worlds.append(world) }
        }
        // A connection that is lost uses nothing more.
        guard !isLost else { return worlds }
        for step in LaneConsumer.Step.allCases {
            var world = self
            guard let wakes = world.consumer.perform(step, at: &world.lane, of: load) else { continue }
            if wakes { world.isWoken = true }
            worlds.append(world)
        }
        return worlds
    }
}

/// A `SessionPipe` that passes on what its connection reads, as the producer.
struct RelayWorld: LaneWorld {
    let load: LaneLoad

    private var lane = LaneState()
    private var consumer = LaneConsumer()
    private var window: CreditWindow
    private var read = 0
    private var isHeldBack = false
    private var isWoken = false
    private var isCollecting = false
    private var isClosed = false

    init(_ load: LaneLoad) { (self.load, window) = (load, load.window) }

    var key: [Int] {
        lane.key + consumer.key + window.key + [read]
            + [isHeldBack, isWoken, isCollecting, isClosed].map { $0 ? 1 : 0 }
    }

    var isDone: Bool {
        consumer.used == load.sizes.count && consumer.hasSeenEnd && (!load.sharesBudget || window.outstanding == .zero)
    }

    private mutating func awaitedTaking() -> Credit {
        window.awaited(
            behind: .zero,
            isFull: isHeldBack || !window.hasRoom(behind: .zero),
            sharesBudget: load.sharesBudget
        )
    }

    /// Messages that the connection may read now, when so many have come.
    private mutating func inboundRoom(for count: Int) -> Int {
        let room = window.available(behind: .zero, for: load.credit(read..<read + count).bytes)
        if room == 0 { isHeldBack = true }
        return min(room, count)
    }

    private mutating func noteTaken(_ credit: Credit) {
        guard credit != .zero else { return }
        window.acknowledge(credit)
        if isHeldBack, window.isHalfEmpty(with: .zero) { isHeldBack = false }
    }

    private mutating func collect() {
        let used = lane.collect(waitsFor: awaitedTaking())
        noteTaken(used)
        isCollecting = used != .zero && awaitedTaking() != .zero
    }

    private mutating func forward(_ count: Int) {
        window.reserve(load.credit(read..<read + count))
        read += count
        let (wakes, used) = lane.put(count, waitsFor: awaitedTaking())
        if wakes { consumer.isWoken = true }
        noteTaken(used)
        isCollecting = used != .zero && awaitedTaking() != .zero
    }

    var next: [RelayWorld] {
        var worlds: [RelayWorld] = []
        func add(_ change: (inout RelayWorld) -> Void) {
            var world = self
            change(&world)
            worlds.append(world)
        }
        if isCollecting {
            add { $0.collect() }
        } else {
            if isWoken { add { ($0.isWoken, $0.isCollecting) = (false, true) } }
            if !isHeldBack, read < load.sizes.count {
                // However many have come, as many of them are read at once as there is room for.
                for count in 1...load.sizes.count - read {
                    add {
                        let room = $0.inboundRoom(for: count)
                        if room > 0 { $0.forward(room) }
                    }
                }
            }
            if read == load.sizes.count, !isClosed {
                add {
                    $0.isClosed = true
                    if $0.lane.close() { $0.consumer.isWoken = true }
                }
            }
        }
        for step in LaneConsumer.Step.allCases {
            var world = self
            guard let wakes = world.consumer.perform(step, at: &world.lane, of: load) else { continue }
            if wakes { world.isWoken = true }
            worlds.append(world)
        }
        return worlds
    }
}
