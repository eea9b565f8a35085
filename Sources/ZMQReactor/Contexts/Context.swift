import EventReactor
import Synchronization

/// The shared state of a program's sockets. Most programs have exactly one context.
///
/// A context may be used from any thread, and its sockets may live on different reactors. ``terminate(_:)`` closes all
/// its sockets, on whatever reactor they are.
///
/// After fork(2), a context and its sockets belong to the parent alone: the child makes its own context and reactor,
/// and must not use the parent's, which traps.
public final class Context: Sendable {
    private struct State {
        var isTerminated = false
        /// The number of open sockets on each reactor, in the order in which these got their first one.
        var reactors: [(handle: ReactorHandle, sockets: Int)] = []
        var unsent = 0
        var waiters: [@Sendable (TerminationReport) -> Void] = []
        var visitors: [Visitor] = []
    }

    /// The outcome of ``terminate(_:)``.
    public struct TerminationReport: Sendable {
        /// Messages still queued when their socket's linger ended.
        public let unsentMessages: Int
    }

    let inproc = InprocRegistry()
    let io: IOThreads

    let sending: SharedSendBudget
    let receiving: ReceiveBudget

    /// A limit in bytes for the messages queued for all peers of all sockets of the context together; nil for none.
    /// When it is reached, each socket behaves as when its ``SocketOptions/sendBudget`` is used up.
    public let sendBudget: Int?

    /// A limit in bytes for the messages received by all sockets of the context together and not taken yet; nil for
    /// none. When it is reached, each socket behaves as when its ``SocketOptions/receiveBudget`` is used up.
    public let receiveBudget: Int?

    private let state = Locked(State())
    /// The number of visitors, to be read without the lock for each new socket.
    private let visitorCount = Atomic(0)
    private let generation = ForkGeneration()

    /// - Parameters:
    ///   - ioThreads: the number of background threads for the tcp and ipc connections of the context's sockets, 0 to
    ///     64. With 0, the default, each connection lives on the reactor of its socket, which is fastest for handlers
    ///     that return soon. With more, messages are received and sent, and connections are made and kept alive, even
    ///     while the socket's own thread is busy. The threads start when they are first needed.
    ///   - sendBudget: see ``sendBudget``, 1 or more. Default 2 GiB.
    ///   - receiveBudget: see ``receiveBudget``, 1 or more. Default 2 GiB.
    public init(ioThreads: Int = 0, sendBudget: Int? = 2 << 30, receiveBudget: Int? = 2 << 30) {
        precondition((0...64).contains(ioThreads), "ioThreads must be 0 to 64, not \(ioThreads)")
        precondition(sendBudget ?? 1 > 0, "sendBudget must be 1 byte or more, not \(sendBudget ?? 1)")
        precondition(
            receiveBudget ?? 1 > 0,
            "receiveBudget must be 1 byte or more, not \(receiveBudget ?? 1)"
        )
        io = IOThreads(count: ioThreads)
        (self.sendBudget, self.receiveBudget) = (sendBudget, receiveBudget)
        sending = SharedSendBudget(sendBudget)
        receiving = ReceiveBudget(receiveBudget)
    }

    /// A context whose connections live on reactors that a test runs, in the place of I/O threads.
    package init(onReactors reactors: [ReactorHandle]) {
        io = IOThreads(reactors)
        (sendBudget, receiveBudget) = (nil, nil)
        sending = SharedSendBudget(nil)
        receiving = ReceiveBudget(nil)
    }

    deinit { io.stop(waiting: false) }

    /// The number of background threads for connections, as set when the context was made.
    public var ioThreads: Int { io.count }

    /// Whether ``terminate(_:)`` has been called.
    public var isTerminated: Bool { state.withLock { $0.isTerminated } }

    /// Closes every socket of the context, each with its own linger, and calls `completion` when all are closed.
    ///
    /// From now on no socket can be created in this context. Terminating twice is harmless: both completions are
    /// called. The reactors of the sockets must run for this to complete.
    ///
    /// - Parameter completion: called once, on any thread of the program, possibly before this returns.
    public func terminate(_ completion: @escaping @Sendable (TerminationReport) -> Void = { _ in }) {
        checkProcess()
        let handles = state.withLock { state in
            state.isTerminated = true
            inproc.end()
            state.waiters.append(completion)
            return state.reactors.map(\.handle)
        }
        for handle in handles {
            let isTaken = handle.submitUnlimited { reactor in
                for member in ContextMembers.of(reactor).members(of: self) { member.close { _ in } }
                InprocEndpoints.of(reactor).ended(self.inproc)
            }
            if !isTaken { forget(handle) }
        }
        finishIfEmpty()
    }

    func register(on reactor: Reactor) throws(ZMQError) {
        checkProcess()
        let accepted = state.withLock { state in
            guard !state.isTerminated else { return false }
            if let index = state.reactors.firstIndex(where: { $0.handle === reactor.handle }) {
                state.reactors[index].sockets += 1
            } else {
                state.reactors.append((reactor.handle, 1))
            }
            return true
        }
        guard accepted else {
            throw ZMQError(.terminated, "the context is terminated; create the socket in another one")
        }
    }

    /// Called with a member of the context, on its thread.
    typealias Visitor = @Sendable (any ContextMember) -> Void

    /// Calls the visitor with each member once: in one of the next turns with those that exist, and with others when
    /// they are made. The context keeps the visitor.
    func visitMembers(_ visitor: @escaping Visitor) {
        state.withLock { state in
            state.visitors.append(visitor)
            visitorCount.store(state.visitors.count, ordering: .releasing)
        }
        forEachLoop { reactor in
            for member in ContextMembers.of(reactor).members(of: self) { self.introduce(member) }
        }
    }

    /// Calls the visitors that have not been called with the member.
    func introduce(_ member: any ContextMember) {
        // A visitor that comes now has not asked for the members yet: the member is among them.
        guard member.visits < visitorCount.load(ordering: .acquiring) else { return }
        let visitors = state.withLock { $0.visitors }
        while member.visits < visitors.count {
            member.visits += 1
            visitors[member.visits - 1](member)
        }
    }

    /// The reactors with sockets of the context, in the order in which they got their first one.
    package var reactors: [ReactorHandle] { state.withLock { $0.reactors.map(\.handle) } }

    /// The reactors of the I/O threads that have started.
    package var ioReactors: [ReactorHandle] { io.handles }

    /// Runs the work on each reactor with sockets of the context.
    func forEachLoop(_ body: @escaping ReactorHandle.Work) {
        let handles = state.withLock { $0.reactors.map(\.handle) }
        // A reactor that is gone has no sockets.
        for handle in handles { _ = handle.submitUnlimited(body) }
    }

    private func checkProcess() {
        guard generation.isCurrent else {
            fatalError(
                "This Context was made before fork(2), by the parent process. Make a new Context and a new Reactor in the child."
            )
        }
    }

    func unregister(on reactor: Reactor, unsent: Int) {
        state.withLock { state in
            state.unsent += unsent
            guard let index = state.reactors.firstIndex(where: { $0.handle === reactor.handle }) else { return }
            state.reactors[index].sockets -= 1
            if state.reactors[index].sockets == 0 { state.reactors.remove(at: index) }
        }
        finishIfEmpty()
    }

    /// The sockets of a reactor that is gone are gone with it.
    private func forget(_ handle: ReactorHandle) {
        state.withLock { $0.reactors.removeAll { $0.handle === handle } }
    }

    private func finishIfEmpty() {
        let finished = state.withLock { state -> State? in
            guard state.isTerminated, state.reactors.isEmpty else { return nil }
            defer { state.waiters = [] }
            return state
        }
        guard let finished else { return }
        io.stop(waiting: true)
        for waiter in finished.waiters { waiter(TerminationReport(unsentMessages: finished.unsent)) }
    }
}
