/// Work taken out of the inbox, done in order and in portions.
struct WorkBatch {
    private var work: ContiguousArray<ReactorHandle.Work> = []
    private var next = 0

    var isEmpty: Bool { next == work.count }
    var count: Int { work.count - next }

    /// Gives the array to fill, when everything in it is done.
    mutating func refill(_ fill: (inout ContiguousArray<ReactorHandle.Work>) -> Bool) -> Bool {
        // A burst leaves no lasting mark on the memory of the process.
        work.removeAll(keepingCapacity: work.count <= 65_536)
        next = 0
        return fill(&work)
    }

    /// Moves the next piece out, so that nothing is counted and what it captures goes when it is done.
    mutating func take() -> ReactorHandle.Work {
        var taken: ReactorHandle.Work = { _ in }
        swap(&taken, &work[next])
        next += 1
        return taken
    }

    /// Lets go of what is done, if everything is.
    mutating func releaseDone() {
        guard isEmpty else { return }
        work.removeAll(keepingCapacity: work.count <= 65_536)
        next = 0
    }
}
