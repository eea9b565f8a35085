/// The number of watchers started on each descriptor, and the descriptors that libev is about to register in the
/// kernel.
///
/// libev registers them at the beginning of a turn, for all descriptors whose watchers or interest have changed, and
/// ends the process when one of these has been closed in the meantime (ev_epoll.c: EBADF). This type predicts which
/// they are by libev's own rule.
///
/// It manages its own memory because every connection passes through it: an array would be reference-counted at every
/// step.
struct WatchedDescriptors: ~Copyable {
    private struct Entry {
        var readers: Int32 = 0
        var writers: Int32 = 0
        /// The interest that the kernel has registered.
        var known: Readiness = []
        /// A watcher was started for the first time: libev registers the descriptor in any case.
        var isFresh = false
        /// It is in `changed`.
        var isChanged = false

        var interest: Readiness {
            Readiness(rawValue: (readers > 0 ? 1 : 0) | (writers > 0 ? 2 : 0))
        }

        mutating func count(_ interest: Readiness, by step: Int32) {
            if interest.contains(.readable) { readers += step }
            if interest.contains(.writable) { writers += step }
        }
    }

    /// Indexed by descriptor number; the changed ones are listed in an array of the same size, each once.
    private var entries = UnsafeMutablePointer<Entry>.allocate(capacity: 0)
    private var changed = UnsafeMutablePointer<CInt>.allocate(capacity: 0)
    private var capacity = 0
    private var changedCount = 0

    /// Whether nothing has changed since `takeUnverified`.
    private(set) var areVerified = true

    deinit {
        entries.deallocate()
        changed.deallocate()
    }

    /// A watcher has started; its descriptor is not negative.
    mutating func started(_ descriptor: CInt, for interest: Readiness, isFresh: Bool) {
        let index = Int(descriptor)
        if index >= capacity { grow(to: index + 1) }
        entries[index].count(interest, by: 1)
        if isFresh { entries[index].isFresh = true }
        note(descriptor)
    }

    /// A started watcher has stopped.
    mutating func stopped(_ descriptor: CInt, for interest: Readiness) {
        entries[Int(descriptor)].count(interest, by: -1)
        note(descriptor)
    }

    private mutating func note(_ descriptor: CInt) {
        guard !entries[Int(descriptor)].isChanged else { return }
        entries[Int(descriptor)].isChanged = true
        changed[changedCount] = descriptor
        changedCount += 1
        areVerified = false
    }

    /// Calls the closure with each descriptor that is about to be registered in the kernel, and marks all changes as
    /// known to it.
    mutating func takeUnverified(_ body: (CInt) -> Void) {
        for number in 0..<changedCount {
            let index = Int(changed[number])
            let entry = entries[index]
            entries[index].isChanged = false
            entries[index].isFresh = false
            entries[index].known = entry.interest
            // When nothing is of interest any more, libev leaves the descriptor to the kernel, which forgets it when it
            // is closed.
            if !entry.interest.isEmpty, entry.isFresh || entry.interest != entry.known { body(changed[number]) }
        }
        changedCount = 0
        areVerified = true
    }

    @inline(never)
    private mutating func grow(to count: Int) {
        let larger = max(count, capacity * 2, 64)
        let newEntries = UnsafeMutablePointer<Entry>.allocate(capacity: larger)
        newEntries.moveInitialize(from: entries, count: capacity)
        (newEntries + capacity).initialize(repeating: Entry(), count: larger - capacity)
        let newChanged = UnsafeMutablePointer<CInt>.allocate(capacity: larger)
        newChanged.moveInitialize(from: changed, count: changedCount)
        entries.deallocate()
        changed.deallocate()
        (entries, changed, capacity) = (newEntries, newChanged, larger)
    }
}
