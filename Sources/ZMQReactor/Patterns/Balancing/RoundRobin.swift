/// Takes turns among the pipes that have room (PSH-7, PSH-8; the same for DEALER and REQ).
///
/// A full pipe leaves the rotation and returns when it is half empty, so that a slow peer costs nothing: at the end of
/// the turn in which its link reports room, or at once if another pipe gets room while the sender keeps sending.
/// Otherwise a pipe whose peer reads as fast as messages are sent would get them all until the turn ends.
struct RoundRobin {
    // Not reference-counted, because every message passes here: a socket removes a pipe from its rotation before it
    // releases it, which `Socket.remove` checks, and adds only its own pipes.
    private var pipes: [Unmanaged<Pipe>] = []
    private var turn = 0

    /// The full pipes that have left, and which of them is asked next.
    private var full: [Unmanaged<Pipe>] = []
    private var nextToAsk = 0

    /// The most full pipes that are asked at once: there may be thousands, of slow peers.
    private static let askedAtOnce = 4

    var isEmpty: Bool { pipes.isEmpty }

    /// Whether there is only one pipe.
    var hasOnePipe: Bool { pipes.count == 1 && full.isEmpty }

    mutating func add(_ pipe: Pipe) {
        guard !pipe.isInRotation else { return }
        forgetFull(pipe)
        pipe.isInRotation = true
        pipes.append(.passUnretained(pipe))
    }

    mutating func remove(_ pipe: Pipe) {
        forgetFull(pipe)
        takeOut(pipe)
    }

    private mutating func takeOut(_ pipe: Pipe) {
        guard pipe.isInRotation, let position = Self.position(of: pipe, in: pipes) else { return }
        pipe.isInRotation = false
        pipes.remove(at: position)
        if position < turn { turn -= 1 }
        if turn >= pipes.count { turn = 0 }
    }

    private mutating func forgetFull(_ pipe: Pipe) {
        guard pipe.hasLeftRotationFull, let position = Self.position(of: pipe, in: full) else { return }
        pipe.hasLeftRotationFull = false
        full.remove(at: position)
        if position < nextToAsk { nextToAsk -= 1 }
    }

    private static func position(of pipe: Pipe, in pipes: [Unmanaged<Pipe>]) -> Int? {
        let entry = Unmanaged.passUnretained(pipe).toOpaque()
        return pipes.firstIndex { $0.toOpaque() == entry }
    }

    /// The pipe whose turn it is; nil if no pipe has room.
    @inline(__always)
    mutating func next() -> Unmanaged<Pipe>? {
        guard turn < pipes.count, pipes[turn]._withUnsafeGuaranteedRef({ $0.hasClearCapacity }) || findsWritable()
        else {
            return nil
        }
        let pipe = pipes[turn]
        turn &+= 1
        if turn == pipes.count { turn = 0 }
        return pipe
    }

    /// Removes full pipes until the one whose turn it is has room; returns whether there is one.
    @inline(never)
    private mutating func findsWritable() -> Bool {
        while turn < pipes.count {
            let pipe = pipes[turn].takeUnretainedValue()
            if pipe.hasKnownCapacity { return true }
            // The link is asked in any case, so that it reports room from now on.
            if pipe.refreshCapacity(), hasOnePipe || pipe.isHalfEmpty {
                pipeRegainedCapacity()
                return true
            }
            takeOut(pipe)
            pipe.hasLeftRotationFull = true
            full.append(.passUnretained(pipe))
        }
        return false
    }

    /// Call when a pipe of the rotation has got room in the middle of a turn: those that have left may have room, too.
    mutating func pipeRegainedCapacity() {
        for _ in 0..<min(full.count, Self.askedAtOnce) {
            if nextToAsk >= full.count { nextToAsk = 0 }
            let pipe = full[nextToAsk].takeUnretainedValue()
            if pipe.refreshCapacity(), pipe.isHalfEmpty { add(pipe) } else { nextToAsk += 1 }
        }
    }
}
