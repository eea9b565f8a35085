/// Takes turns among the pipes that have room (PSH-7, PSH-8; the same for DEALER and REQ).
///
/// A pipe that is found full leaves the rotation and comes back when its link reports room, so that a slow peer costs nothing.
struct RoundRobin {
    private var pipes: [Pipe] = []
    private var turn = 0

    var isEmpty: Bool { pipes.isEmpty }

    /// Whether everything goes to one pipe.
    var hasOnePipe: Bool { pipes.count == 1 }

    mutating func add(_ pipe: Pipe) {
        guard !pipe.isInRotation else { return }
        pipe.isInRotation = true
        pipes.append(pipe)
    }

    mutating func remove(_ pipe: Pipe) {
        guard pipe.isInRotation, let position = pipes.firstIndex(where: { $0 === pipe }) else { return }
        pipe.isInRotation = false
        pipes.remove(at: position)
        if position < turn { turn -= 1 }
        if turn >= pipes.count { turn = 0 }
    }

    /// The pipe whose turn it is; nil when no pipe has room.
    @inline(__always)
    mutating func next() -> Pipe? {
        while turn < pipes.count {
            let pipe = pipes[turn]
            if pipe.hasRoom || pipe.findsRoom() {
                turn &+= 1
                if turn == pipes.count { turn = 0 }
                return pipe
            }
            remove(pipe)
        }
        return nil
    }
}
