import EventReactor

/// The background reactors of a context, which its sockets' connections live on. They start when the first connection needs one.
///
/// No application code runs on them, so that nothing they do takes long.
final class IOThreads: Sendable {
    /// How many there are at most.
    let count: Int

    private struct Member {
        var thread: ReactorThread?
        /// Endpoints that live on it.
        var load = 0
    }

    private let members: Locked<[Member]>

    init(count: Int) {
        self.count = count
        members = Locked(Array(repeating: Member(), count: count))
    }

    /// A place on one of the threads.
    struct Place: Sendable {
        let handle: ReactorHandle
        fileprivate let number: Int
        fileprivate let threads: IOThreads

        /// One endpoint less lives there.
        func giveBack() { threads.giveBack(number) }
    }

    /// A place on the thread with the least to do, among those whose bits in `affinity` are set; 0 stands for all.
    func borrow(affinity: UInt64) throws(ZMQError) -> Place {
        let all: UInt64 = count == 64 ? .max : 1 << UInt64(count) - 1
        guard affinity == 0 || affinity & all != 0 else {
            throw .badOption(
                "affinity",
                value: "\(affinity)",
                expected: "the bit of one of the context's \(count) I/O threads"
            )
        }
        let result = members.withLock { members -> Result<Place, ReactorError> in
            let allowed = members.indices.filter { affinity == 0 || affinity >> UInt64($0) & 1 == 1 }
            let number = allowed.min { members[$0].load < members[$1].load } ?? 0
            if members[number].thread == nil {
                do {
                    members[number].thread = try Reactor.start(named: "zmq-io-\(number)")
                } catch let error as ReactorError {
                    return .failure(error)
                } catch {
                    fatalError("starting a reactor throws nothing else")
                }
            }
            members[number].load += 1
            return .success(Place(handle: members[number].thread!.handle, number: number, threads: self))
        }
        switch result {
        case .success(let place): return place
        case .failure(let error):
            throw ZMQError(.noIOThread, "cannot start an I/O thread: \(error)")
        }
    }

    private func giveBack(_ number: Int) { members.withLock { $0[number].load -= 1 } }

    /// The endpoints on each thread.
    var loads: [Int] { members.withLock { $0.map(\.load) } }

    /// Ends the threads when they have done what they were told, and waits for that unless it is one of them who asks.
    func stop(waiting: Bool) {
        let threads = members.withLock { members in
            let threads = members.compactMap(\.thread)
            for number in members.indices { members[number].thread = nil }
            return threads
        }
        for thread in threads { thread.stop() }
        if waiting { for thread in threads { thread.join() } }
    }
}
