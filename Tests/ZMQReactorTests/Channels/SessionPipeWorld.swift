@testable import ZMQReactor

/// A `SessionPipe` that hands on what its connection reads, as the producer.
struct SessionPipeWorld: ChannelWorld {
    let load: ChannelLoad

    private var channel = ChannelState()
    private var consumer = ChannelConsumer()
    private var window: CreditWindow
    private var read = 0
    private var isHeldBack = false
    private var isWoken = false
    private var isAsking = false
    private var isClosed = false

    init(_ load: ChannelLoad) { (self.load, window) = (load, load.window) }

    var key: [Int] {
        channel.key + consumer.key + window.key + [read]
            + [isHeldBack, isWoken, isAsking, isClosed].map { $0 ? 1 : 0 }
    }

    var isDone: Bool {
        consumer.used == load.sizes.count && consumer.hasSeenEnd && (!load.sharesBudget || window.outstanding == .zero)
    }

    private mutating func awaitedCredit() -> Credit {
        window.awaited(
            behind: .zero,
            isFull: isHeldBack || !window.canReserve(behind: .zero),
            sharesBudget: load.sharesBudget
        )
    }

    /// Messages that the connection may read now, when so many have come.
    private mutating func inboundCapacity(for count: Int) -> Int {
        let room = window.available(behind: .zero, for: load.credit(read..<read + count).bytes)
        if room == 0 { isHeldBack = true }
        return min(room, count)
    }

    private mutating func receive(_ credit: Credit) {
        isAsking = window.receive(credit)
        if isHeldBack, window.isHalfEmpty(with: .zero) { isHeldBack = false }
    }

    private mutating func takeAcknowledged() {
        receive(channel.takeAcknowledged(awaiting: awaitedCredit()))
    }

    private mutating func forward(_ count: Int) {
        window.reserve(load.credit(read..<read + count))
        read += count
        let (wakes, credit) = channel.put(count, awaiting: awaitedCredit())
        if wakes { consumer.isWoken = true }
        receive(credit)
    }

    var next: [SessionPipeWorld] {
        var worlds: [SessionPipeWorld] = []
        func add(_ change: (inout SessionPipeWorld) -> Void) {
            var world = self
            change(&world)
            worlds.append(world)
        }
        if isAsking {
            add { $0.takeAcknowledged() }
        } else {
            if isWoken { add { ($0.isWoken, $0.isAsking) = (false, true) } }
            if !isHeldBack, read < load.sizes.count {
                // However many have come, as many of them are read at once as there is room for.
                for count in 1...load.sizes.count - read {
                    add {
                        let room = $0.inboundCapacity(for: count)
                        if room > 0 { $0.forward(room) }
                    }
                }
            }
            if read == load.sizes.count, !isClosed {
                add {
                    $0.isClosed = true
                    if $0.channel.close() { $0.consumer.isWoken = true }
                }
            }
        }
        for step in ChannelConsumer.Step.allCases {
            var world = self
            guard let wakes = world.consumer.perform(step, at: &world.channel, of: load) else { continue }
            if wakes { world.isWoken = true }
            worlds.append(world)
        }
        return worlds
    }
}
