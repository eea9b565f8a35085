import CLibev
import Glibc

/// An event loop on one thread: descriptors, timers, signals, child processes and work from other threads, each with a
/// handler.
///
/// ```swift
/// let reactor = try Reactor()
/// reactor.every(.seconds(1)) { _ in print("tick") }
/// try reactor.stopOnTermination()
/// reactor.run()
/// ```
///
/// **Threads.** A reactor, its watchers and its handlers belong to the thread that made the reactor. A debug build
/// traps when they are used on another thread. Only ``handle`` may cross threads.
///
/// **A turn** waits for events, then calls, in this order: handlers of descriptors, signals and wall-clock timers that
/// are ready; timers that are due; work submitted from elsewhere; and, when there was none of that, idle handlers. At
/// its end, objects with something to flush do so, resumed tasks continue (see ``task(name:priority:isolation:_:)``),
/// and then room is reported to the objects that wait for it. A descriptor is served once per turn however much it has to offer,
/// a turn handles at most 4096 timers and 4096 pieces of submitted work, and work started by a handler waits for the
/// next turn, so that no watcher starves the others.
///
/// **Watchers** are active from the call that makes them until `cancel()`, or until they have fired when they fire
/// once. The reactor keeps an active watcher and its handler alive; keep the returned object only to change or cancel
/// it. Any watcher can be added, changed and cancelled in any handler, including its own, and no handler is called
/// after its `cancel()` has returned. A handler should refer to the reactor `unowned`; otherwise the two keep each
/// other alive.
///
/// **Errors.** The closure of a handler may throw; see ``onError``.
///
/// **The main thread.** While a reactor runs there, the main actor and the main queue of Dispatch run in its turns, with
/// the handlers of descriptors; without that, the run would block them.
///
/// After fork(2), a reactor and everything on it belong to the parent alone: the child makes its own.
///
/// The first reactor of a process ignores `SIGPIPE`, unless the program has set a disposition before. The loop
/// underneath is libev's, on epoll(7); all descriptors it opens are close-on-exec.
public final class Reactor {
    /// What other threads may keep: submits work to the reactor, and stops it.
    public let handle: ReactorHandle

    let loop: OpaquePointer
    let wake: UnsafeMutablePointer<ev_async>
    let rearming: UnsafeMutablePointer<ev_fork>
    let owner = pthread_self()
    private let generation = ForkGeneration()

    // Every turn uses the members marked unchecked here, and the checks would take longer than the rest of it. No
    // foreign code runs during an access to one of them. Numbers and flags need no mark: they are only read and
    // assigned, and the compiler sees that no access lasts.

    // The turn
    private(set) var isRunning = false
    var isDispatching = false
    var stopRequested = false
    /// CLOCK_MONOTONIC of this turn, or `unread`.
    var turnTime = Reactor.unread
    static let unread = Int64.min
    var idle = IdleStrategy.adaptive
    var adaptive = AdaptiveWaiting()
    var waitCount = 0
    /// The latest time a timer was fired at: deadlines up to here are due without asking the clock.
    var lastKnownTime = Int64.min

    // What is active
    var registry = Registry()
    @exclusivity(unchecked) var descriptors = WatchedDescriptors()
    @exclusivity(unchecked) var timers = TimerQueue<ReactorTimer>()
    @exclusivity(unchecked) var alarm: Alarm
    let manualClock: ManualClock?
    /// Whether a watcher has been called in this turn. Timers and work from other threads do not count.
    var hasServed = false
    /// Whether ready descriptors are being served, or waited for.
    var servesDescriptors = false

    /// What the closures of handlers have thrown.
    var handlerErrors = HandlerErrors()

    // Work from other threads
    var inboxSignalled = false
    var batch = WorkBatch()
    var wakeupHandlers: [Wakeup: any WakeupHandler] = [:]
    /// Empty, with the memory that wake-ups are taken into from the inbox.
    var spareWakeups: ContiguousArray<Wakeup> = []

    // Tasks
    let jobs: JobQueue
    var jobBudget = WorkBudget()
    let tasks = ReactorTasks()
    let isolation: ReactorIsolation
    /// Whether the main actor runs in the turns of this reactor.
    private(set) var servesMainQueue = false

    // Measuring
    /// Whether calls of handlers are measured: counted, or watched one by one.
    var isMonitored = false
    /// Whether `monitor` has anything to watch.
    var isWatched = false
    var monitor: HandlerMonitor?
    // Changed in place for each handler. It calls nothing unknown meanwhile.
    @exclusivity(unchecked) var meter = TurnMeter()

    // The end of a turn
    @exclusivity(unchecked) var queues = TurnQueues()
    /// The number of handlers with work left for this turn: they share its budget.
    var rests = 0
    @usableFromInline @exclusivity(unchecked) var load = TurnLoad()
    /// See `measuresWork`.
    var isWorkMeasured = true
    /// Swapped with the queue of releases, and emptied where nothing else accesses it.
    var emptyReleases: ContiguousArray<AnyObject> = []
    /// In the order in which they were made. There are few: a search takes less time than a hash.
    var sharedObjects = Ring<(type: ObjectIdentifier, object: AnyObject)>(capacity: 16)

    /// Makes a reactor that belongs to the calling thread.
    ///
    /// - Parameter inboxLimit: How many pieces of submitted work may wait before `submit` returns `.full`; `nil` for
    ///   any number.
    /// - Throws: ``ReactorError/Code/resourceExhausted`` when no descriptor is available: a reactor needs three.
    public convenience init(inboxLimit: Int? = nil) throws(ReactorError) {
        try self.init(manualClock: nil, inboxLimit: inboxLimit)
    }

    /// A reactor whose timers run in virtual time.
    package convenience init(clock: ManualClock, inboxLimit: Int? = nil) throws(ReactorError) {
        try self.init(manualClock: clock, inboxLimit: inboxLimit)
    }

    private init(manualClock: ManualClock?, inboxLimit: Int?) throws(ReactorError) {
        _ = ignoreBrokenPipes
        _ = explainFailuresOfLibev
        // The alarm comes first: if it fails, there is nothing else to undo.
        alarm = try Alarm()
        // The environment must not choose another backend: LIBEV_FLAGS is ignored.
        guard let loop = ev_loop_new(UInt32(EVBACKEND_EPOLL) | UInt32(bitPattern: Int32(EVFLAG_NOENV))) else {
            throw .system("cannot open an event loop")
        }
        // Starting the async watcher makes libev open an eventfd, and abort if it cannot.
        guard clibev_probe_eventfd() == 0 else {
            let number = errno
            ev_loop_destroy(loop)
            throw .system("cannot open an event descriptor", errno: number)
        }
        self.loop = loop
        self.manualClock = manualClock
        wake = .allocate(capacity: 1)
        wake.initialize(to: ev_async())
        rearming = .allocate(capacity: 1)
        rearming.initialize(to: ev_fork())
        handle = ReactorHandle(waker: Waker(loop: loop, async: wake), limit: inboxLimit)
        jobs = handle.jobs
        isolation = ReactorIsolation(handle: handle)
        jobs.reactor = self

        let me = Unmanaged.passUnretained(self).toOpaque()
        ev_set_userdata(loop, me)
        clibev_async_init(wake, inboxSignalledCallback, me)
        ev_async_start(loop, wake)
        alarm.start(on: loop, data: me)
        watchForRearming()
        if let manualClock, manualClock.isSelfAdvancing {
            idle = IdleStrategy(kind: .passTime)
            manualClock.add(self)
        }
        // Registers libev's own descriptors now, while there is known to be room for them.
        ev_run(loop, Int32(EVRUN_NOWAIT))
        servesMainQueue = try MainQueue.serve(on: self)
    }

    deinit {
        manualClock?.remove(self)
        // From here on no thread can wake this loop, so it can be destroyed.
        handle.close()
        giveUpJobs()
        releaseWatchers()
        alarm.stop(on: loop)
        ev_async_stop(loop, wake)
        ev_fork_stop(loop, rearming)
        ev_loop_destroy(loop)
        wake.deallocate()
        rearming.deallocate()
    }

    /// All that is active.
    var everyWatcher: ContiguousArray<any ActiveWatcher> {
        var watchers = registry.all
        watchers.append(contentsOf: timers.elements.map { $0 as any ActiveWatcher })
        watchers.append(contentsOf: queues.idle.map { $0 as any ActiveWatcher })
        return watchers
    }

    /// Stops all active watchers and releases their handlers.
    func releaseWatchers() {
        let watchers = everyWatcher
        // All watchers are detached before any handler is released: a handler's deinit may cancel other watchers.
        for watcher in watchers { watcher.detach() }
        registry = Registry()
        queues.idle = []
        for watcher in watchers { watcher.releaseHandler() }
        monitor?.releaseWatchers()
    }

    /// Traps, in debug builds, on any thread but the reactor's own.
    ///
    /// Inlinable, so that a release build of another module does not even contain the call.
    @inlinable
    package func checkThread() {
        assert(
            isOnItsThread,
            """
            A Reactor, its watchers and its sockets belong to the thread that made the reactor, and this is another one. \
            Send work to it instead: reactor.handle.submit { reactor in … }; a task uses them when it was begun with \
            reactor.task { … }.
            """
        )
        assert(
            isOfThisProcess,
            "This Reactor was made before fork(2), by the parent process. Make a new one, and new sockets, in the child."
        )
    }

    @usableFromInline package var isOnItsThread: Bool { pthread_equal(owner, pthread_self()) != 0 }
    @usableFromInline package var isOfThisProcess: Bool { generation.isCurrent }

    /// Serves events until it is stopped, or for one turn.
    ///
    /// A reactor without watchers waits as well, for work from other threads. `stop()` ends the run at the end of the
    /// turn; when it is called while the reactor is not running, the next run returns at once, without a turn. A
    /// stopped reactor can be run again. Handlers must not call this.
    ///
    /// - Parameter mode: Until stopped, or one turn with or without waiting.
    public func run(_ mode: RunMode = .untilStopped) {
        checkThread()
        // In a release build, too: it would not contain the message of a precondition.
        guard isOfThisProcess else {
            fatalError(
                "This Reactor was made before fork(2), by the parent process. Make a new one in the child, and run that."
            )
        }
        precondition(!isRunning, "Reactor.run was called from a handler of the same reactor")
        isRunning = true
        defer { isRunning = false }

        if handle.takeStopRequest() { stopRequested = true }
        if !stopRequested {
            repeat {
                turn(mayBlock: mode != .nowait)
            } while mode == .untilStopped && !stopRequested
        }
        stopRequested = false
        releaseEnded()
    }

    /// Ends the current run at the end of this turn, or the next one at its very beginning.
    ///
    /// Handlers whose events have arrived in this turn are still called. On another thread use
    /// ``ReactorHandle/stop()``.
    public func stop() {
        checkThread()
        stopRequested = true
    }
}

@available(*, unavailable, message: "a reactor belongs to one thread; its handle is what may cross threads")
extension Reactor: Sendable {}

/// A write to a socket whose peer is gone must fail, and not end the program.
private let ignoreBrokenPipes: Void = {
    var current = sigaction()
    guard sigaction(SIGPIPE, nil, &current) == 0, current.__sigaction_handler.sa_handler == nil else { return }
    _ = signal(SIGPIPE, SIG_IGN)
}()
