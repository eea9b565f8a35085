/// Takes turns among the pipes that have room (PSH-7, PSH-8; the same for DEALER and REQ).
///
/// A pipe that is found full leaves the rotation and comes back when its link reports room, so that a slow peer costs nothing.
struct RoundRobin {
    // Not counted, because every message passes here: a socket takes a pipe out of its rotation before it lets go of it, which
    // `Socket.remove` makes sure of, and puts none in that is not its own.
    private var pipes: [Unmanaged<Pipe>] = []
    private var turn = 0

    var isEmpty: Bool { pipes.isEmpty }

    /// Whether everything goes to one pipe.
    var hasOnePipe: Bool { pipes.count == 1 }

    mutating func add(_ pipe: Pipe) {
        guard !pipe.isInRotation else { return }
        pipe.isInRotation = true
        pipes.append(.passUnretained(pipe))
    }

    mutating func remove(_ pipe: Pipe) {
        let entry = Unmanaged.passUnretained(pipe).toOpaque()
        guard pipe.isInRotation, let position = pipes.firstIndex(where: { $0.toOpaque() == entry }) else { return }
        pipe.isInRotation = false
        pipes.remove(at: position)
        if position < turn { turn -= 1 }
        if turn >= pipes.count { turn = 0 }
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
            if pipes[turn]._withUnsafeGuaranteedRef({ $0.hasRoom || $0.findsRoom() }) { return true }
            remove(pipes[turn].takeUnretainedValue())
        }
        return false
    }
}
