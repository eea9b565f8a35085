/// Takes turns among the pipes that have room (PSH-7, PSH-8; the same for DEALER and REQ).
///
/// A pipe that is found full leaves the rotation and comes back when it is half empty, so that a slow peer costs nothing: at the end of the
/// turn in which its link reports room, or at once when another pipe gets room while the sender goes on sending. Otherwise one whose peer
/// takes messages as fast as they are sent would get them all, until the turn ends.
struct RoundRobin {
    // Not counted, because every message passes here: a socket takes a pipe out of its rotation before it lets go of it, which
    // `Socket.remove` makes sure of, and puts none in that is not its own.
    private var pipes: [Unmanaged<Pipe>] = []
    private var turn = 0

    /// The pipes that have left because they were full, and which of them is asked next.
    private var full: [Unmanaged<Pipe>] = []
    private var nextToAsk = 0

    /// Full pipes that are asked at once, at most: there may be thousands, of slow peers.
    private static let askedAtOnce = 4

    var isEmpty: Bool { pipes.isEmpty }

    /// Whether everything goes to one pipe.
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

    /// The pipe whose turn it is; nil when no pipe has room.
    @inline(__always)
    mutating func next() -> Unmanaged<Pipe>? {
        guard turn < pipes.count, pipes[turn]._withUnsafeGuaranteedRef({ $0.hasClearRoom }) || findsRoom() else {
            return nil
        }
        let pipe = pipes[turn]
        turn &+= 1
        if turn == pipes.count { turn = 0 }
        return pipe
    }

    /// Takes full pipes out until there is room at the one whose turn it is; answers whether there is such a one.
    @inline(never)
    private mutating func findsRoom() -> Bool {
        while turn < pipes.count {
            let pipe = pipes[turn].takeUnretainedValue()
            if pipe.hasRoom { return true }
            // The link is asked in any case, and sees to it that it hears of room from now on.
            if pipe.findsRoom(), hasOnePipe || pipe.isHalfEmpty {
                pipeGotRoom()
                return true
            }
            takeOut(pipe)
            pipe.hasLeftRotationFull = true
            full.append(.passUnretained(pipe))
        }
        return false
    }

    /// To be called when a pipe of the rotation has got room in the middle of a turn: those that have left may have, too.
    mutating func pipeGotRoom() {
        for _ in 0..<min(full.count, Self.askedAtOnce) {
            if nextToAsk >= full.count { nextToAsk = 0 }
            let pipe = full[nextToAsk].takeUnretainedValue()
            if pipe.findsRoom(), pipe.isHalfEmpty { add(pipe) } else { nextToAsk += 1 }
        }
    }
}
