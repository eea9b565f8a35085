/// How many watchers a reactor has started on each descriptor, and which of them libev is going to tell the kernel of.
///
/// libev does so at the beginning of a turn, for all descriptors of which the watchers or their interest have changed, and ends the
/// process when one of these has been closed meanwhile (ev_epoll.c: EBADF). So it has to be known here which they are: this follows
/// libev's own rule for that.
struct WatchedDescriptors {
    private struct Entry {
        var readers: Int32 = 0
        var writers: Int32 = 0
        /// The interest that the kernel knows of.
        var known: Readiness = []
        /// A watcher was started for the first time: libev tells the kernel in any case.
        var isFresh = false
        /// It is in `changed`.
        var isChanged = false

        var interest: Readiness {
            var interest: Readiness = []
            if readers > 0 { interest.insert(.readable) }
            if writers > 0 { interest.insert(.writable) }
            return interest
        }
    }

    private var entries: ContiguousArray<Entry> = []
    private var changed: ContiguousArray<CInt> = []

    /// Whether nothing has changed since `takeUnverified`.
    var areVerified: Bool { changed.isEmpty }

    /// A watcher has been started; its descriptor is not negative.
    mutating func started(_ descriptor: CInt, for interest: Readiness, isFresh: Bool) {
        let index = Int(descriptor)
        if index >= entries.count { grow(to: index) }
        if interest.contains(.readable) { entries[index].readers += 1 }
        if interest.contains(.writable) { entries[index].writers += 1 }
        if isFresh { entries[index].isFresh = true }
        note(descriptor)
    }

    /// A watcher that was started has been stopped.
    mutating func stopped(_ descriptor: CInt, for interest: Readiness) {
        let index = Int(descriptor)
        if interest.contains(.readable) { entries[index].readers -= 1 }
        if interest.contains(.writable) { entries[index].writers -= 1 }
        note(descriptor)
    }

    private mutating func note(_ descriptor: CInt) {
        guard !entries[Int(descriptor)].isChanged else { return }
        entries[Int(descriptor)].isChanged = true
        changed.append(descriptor)
    }

    /// Calls the closure with each descriptor that the kernel is going to be told of, and takes all changes as known to it.
    mutating func takeUnverified(_ body: (CInt) -> Void) {
        for descriptor in changed {
            let index = Int(descriptor)
            let entry = entries[index]
            entries[index].isChanged = false
            entries[index].isFresh = false
            entries[index].known = entry.interest
            // Where nothing is of interest any more, libev leaves it to the kernel to forget the descriptor.
            if !entry.interest.isEmpty, entry.isFresh || entry.interest != entry.known { body(descriptor) }
        }
        changed.removeAll(keepingCapacity: true)
    }

    @inline(never)
    private mutating func grow(to index: Int) {
        entries.append(contentsOf: repeatElement(Entry(), count: index + 1 - entries.count))
    }
}
