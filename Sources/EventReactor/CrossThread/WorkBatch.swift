/// Work taken out of the inbox, which runs in order and in portions.
struct WorkBatch {
    private var work: ContiguousArray<ReactorHandle.Work> = []
    private var next = 0

    var isEmpty: Bool { next == work.count }
    var count: Int { work.count - next }

    /// Passes the array to `fill` when everything in it is done.
    mutating func refill(_ fill: (inout ContiguousArray<ReactorHandle.Work>) -> Bool) -> Bool {
        // A burst does not raise the process's memory for good.
        work.removeAll(keepingCapacity: work.count <= 65_536)
        next = 0
        return fill(&work)
    }

    /// Moves the next piece out, so that no reference is counted and its captures are released when it is done.
    mutating func take() -> ReactorHandle.Work {
        var taken: ReactorHandle.Work = { _ in }
        swap(&taken, &work[next])
        next += 1
        return taken
    }

    /// Releases the finished work, if everything is finished.
    mutating func releaseDone() {
        guard isEmpty else { return }
        work.removeAll(keepingCapacity: work.count <= 65_536)
        next = 0
    }
}
