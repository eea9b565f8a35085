/// The pipes of a socket, by their numbers. A pipe that is gone leaves a gap, which the next one fills.
struct PipeTable {
    private(set) var pipes: [Pipe?] = []
    private var gaps: [Int] = []

    var isEmpty: Bool { pipes.count == gaps.count }

    func contains(_ pipe: Pipe) -> Bool { pipe.slot >= 0 && pipes[pipe.slot] === pipe }

    /// Gives a pipe a number.
    mutating func add(_ pipe: Pipe) {
        if let gap = gaps.popLast() {
            pipe.slot = gap
            pipes[gap] = pipe
        } else {
            pipe.slot = pipes.count
            pipes.append(pipe)
        }
    }

    /// Gives a pipe another number, and returns the old one, which is not reused until `free(slot:)`.
    mutating func renumber(_ pipe: Pipe) -> Int {
        let former = pipe.slot
        pipes[former] = nil
        add(pipe)
        return former
    }

    /// Takes a pipe out. It keeps its number, which is not reused until `free(slot:)`.
    mutating func remove(_ pipe: Pipe) { pipes[pipe.slot] = nil }

    /// The number of a pipe that is gone can be reused.
    mutating func free(slot: Int) { gaps.append(slot) }
}
