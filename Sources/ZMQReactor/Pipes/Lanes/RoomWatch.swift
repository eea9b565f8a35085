/// When a producer wants to hear of what has been used: once its queue was full, when it has become half empty.
struct RoomWatch {
    /// Whether the queue was full and has not become half empty since. That may have been before this watch: a pipe keeps its queue
    /// from one link to the next.
    private(set) var wasFull = true

    /// How much the consumer has to use before it is worth hearing of it; 0 when that does not matter.
    ///
    /// - Parameters:
    ///   - outstanding: the messages queued and handed over that are not known to be used.
    ///   - limit: the most there may be of them.
    ///   - hasRoom: whether one more may be queued.
    ///   - isHalfEmptyInBytes: nil where there is no limit in bytes; with one, every use may be what makes room.
    @inline(__always)
    mutating func awaitedUse(
        outstanding: Int,
        limit: Int,
        hasRoom: Bool,
        isHalfEmptyInBytes: @autoclosure () -> Bool?
    ) -> Int {
        if !hasRoom { wasFull = true }
        guard wasFull else { return 0 }
        if let isHalfEmpty = isHalfEmptyInBytes() {
            wasFull = !isHalfEmpty
            return wasFull ? 1 : 0
        }
        let missing = outstanding - limit / 2
        if missing <= 0 { wasFull = false }
        return max(missing, 0)
    }
}
