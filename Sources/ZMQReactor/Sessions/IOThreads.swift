import EventReactor

/// The background reactors of a context, for its sockets' connections. They start when the first connection needs one.
///
/// No application code runs on them, so nothing blocks them for long.
final class IOThreads: Sendable {
    /// The most threads.
    let count: Int

    private struct Member {
        var handle: ReactorHandle?
        var thread: ReactorThread?
        /// The number of endpoints on it.
        var load = 0
    }

    private let members: Locked<[Member]>

    /// Whether there are reactors of a test's scene in the place of threads.
    let areOfScene: Bool

    init(count: Int) {
        self.count = count
        members = Locked(Array(repeating: Member(), count: count))
        areOfScene = false
    }

    /// Uses reactors that a test runs, in the place of threads.
    init(_ reactors: [ReactorHandle]) {
        count = reactors.count
        members = Locked(reactors.map { Member(handle: $0) })
        areOfScene = true
    }

    /// One endpoint's share of a thread.
    struct Place: Sendable {
        let handle: ReactorHandle
        fileprivate let number: Int
        fileprivate let threads: IOThreads

        /// Whether it is on a reactor of a test's scene.
        var isOfScene: Bool { threads.areOfScene }

        /// The endpoint has left the thread.
        func giveBack() { threads.giveBack(number) }
    }

    /// Reserves a place on the least loaded thread of those whose bits in `affinity` are set; 0 means all.
    func borrow(affinity: UInt64) throws(ZMQError) -> Place {
        let all: UInt64 = count == 64 ? .max : 1 << UInt64(count) - 1
        guard affinity == 0 || affinity & all != 0 else {
            throw .badOption(
                "affinity",
                value: "\(affinity)",
                expected: "a bit of one of the context's \(count) I/O threads"
            )
        }
        let result = members.withLock { members -> Result<Place, ReactorError> in
            let allowed = members.indices.filter { affinity == 0 || affinity >> UInt64($0) & 1 == 1 }
            let number = allowed.min { members[$0].load < members[$1].load } ?? 0
            if members[number].handle == nil {
                do {
                    let thread = try Reactor.start(named: "zmq-io-\(number)")
                    (members[number].thread, members[number].handle) = (thread, thread.handle)
                } catch let error as ReactorError {
                    return .failure(error)
                } catch {
                    fatalError("starting a reactor throws only ReactorError")
                }
            }
            members[number].load += 1
            return .success(Place(handle: members[number].handle!, number: number, threads: self))
        }
        switch result {
        case .success(let place): return place
        case .failure(let error):
            throw ZMQError(.noIOThread, "cannot start an I/O thread: \(error)")
        }
    }

    private func giveBack(_ number: Int) { members.withLock { $0[number].load -= 1 } }

    /// The reactors of the threads that have started.
    var handles: [ReactorHandle] { members.withLock { $0.compactMap(\.handle) } }

    /// The number of endpoints on each thread.
    var loads: [Int] { members.withLock { $0.map(\.load) } }

    /// Stops the threads after their accepted work, and waits for that unless it is called on one of them.
    func stop(waiting: Bool) {
        let threads = members.withLock { members in
            let threads = members.compactMap(\.thread)
            for number in members.indices where members[number].thread != nil {
                (members[number].thread, members[number].handle) = (nil, nil)
            }
            return threads
        }
        for thread in threads { thread.stop() }
        if waiting { for thread in threads { thread.join() } }
    }
}
