import EventReactor
import Synchronization

/// The state of a channel: behind a lock when its ends are on two threads, and without one when both are on one
/// reactor.
///
/// Sendable, because one thread at a time reads and writes the state: the one that holds the lock, or else the only one
/// that there is. Each end of a channel is used on the thread of its reactor alone, and whether that is the same
/// reactor does not change.
struct ChannelStorage: ~Copyable, @unchecked Sendable {
    private let mutex = Mutex<Void>(())
    private let state: UnsafeMutablePointer<ChannelState>

    /// Whether the ends are on two threads.
    let isShared: Bool

    init(isShared: Bool) {
        self.isShared = isShared
        state = .allocate(capacity: 1)
        state.initialize(to: ChannelState())
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    @inline(__always)
    func withState<Result: Sendable>(_ body: (inout ChannelState) -> Result) -> Result {
        // Read into a local variable: the thread sanitizer reports a write through a pointer as a write to the stored
        // property that holds it, and two threads read that property.
        let state = state
        guard isShared else { return body(&state.pointee) }
        return mutex.withLock { _ in
            lockWasTaken(state)
            defer { lockIsGivenBack(state) }
            return body(&state.pointee)
        }
    }
}
