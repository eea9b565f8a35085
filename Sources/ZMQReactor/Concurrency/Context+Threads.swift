public import EventReactor

extension Context {
    /// Starts a thread with its own reactor, connected to this thread by a pair of PAIR sockets.
    ///
    /// ```swift
    /// let counter = try context.startThread(named: "counter", on: reactor) { reactor, parent in
    ///     // There is room: one answer to each question.
    ///     parent.onMessage { parent, text in _ = try parent.send("\(text.byteCount)") }
    /// }
    /// counter.socket.onMessage { _, count in print(count.string) }
    /// if try counter.socket.send("How long is this?") == .wouldBlock { … }
    /// ```
    ///
    /// This thread's socket binds; then the other thread starts and connects. It lives as long as the two are
    /// connected. When either socket is closed, by a call or because the context is terminated, the thread shuts down
    /// in order: messages already sent to it are delivered if it takes them at once; all other sockets on its reactor
    /// are closed, each with its linger; and when the last one is gone, and so are the threads it has started in this
    /// way, the thread ends. So no message that it has sent is lost, and no thread blocks on another.
    ///
    /// - Parameters:
    ///   - name: the thread's name, for `top` and debuggers; the system shows 15 bytes of it.
    ///   - reactor: this thread's reactor.
    ///   - options: the options of both sockets.
    ///   - setUp: called on the new thread, with its reactor and its end of the pair, before that reactor runs; this
    ///     call waits for it. It creates what it shares with the thread's handlers; its captures must be `Sendable`.
    /// - Throws: what `setUp` throws, in which case the thread has ended; `terminated` when the context is;
    ///   `ReactorError` when the thread or the reactor cannot be created.
    @discardableResult
    public func startThread(
        named name: String? = nil,
        on reactor: Reactor,
        options: SocketOptions = SocketOptions(),
        setUp: @escaping @Sendable (Reactor, PairSocket) throws -> Void
    ) throws -> PairThread {
        let socket = try PairSocket(on: reactor, in: self, options: options)
        let number = PairThreads.nextNumber()
        let parent = reactor.handle
        do {
            let endpoint = try socket.bind("inproc://thread-\(number)")
            let thread = try Reactor.start(
                named: name,
                setUp: { reactor in
                    let child = try PairSocket(on: reactor, in: self, options: options)
                    reactor.shared(ThreadLife.self) { ThreadLife(reactor, child) }
                    try child.connect(endpoint)
                    try setUp(reactor, child)
                },
                whenOver: { parent.submitUnlimited { PairThreads.of($0).threadEnded(number) } }
            )
            let started = PairThread(socket, thread)
            PairThreads.of(reactor).add(started, number)
            return started
        } catch {
            socket.close()
            throw error
        }
    }
}

/// Ends a thread's reactor when its PAIR socket has lost its peer. Lives as long as that reactor.
///
///     joined ─ separated ─▶ emptying ─ nothing waits ─▶ closing ─ no socket and no thread is left ─▶ stopped
private final class ThreadLife {
    private unowned let reactor: Reactor
    private var isEnding = false

    init(_ reactor: Reactor, _ socket: PairSocket) {
        self.reactor = reactor
        socket.partner.whenSeparated = { [unowned self, unowned socket] in separated(socket) }
    }

    /// Called in the middle of the socket's work, possibly twice.
    private func separated(_ socket: PairSocket) {
        guard !isEnding else { return }
        isEnding = true
        reactor.after(.zero) { [unowned self, weak socket] timer in
            // Messages that arrived before the end are delivered first.
            if let socket, socket.isDelivering, !socket.fairQueue.isEmpty {
                timer.reschedule(after: .zero)
            } else {
                closeAll()
            }
        }
    }

    private func closeAll() {
        let (members, threads) = (ContextMembers.of(reactor), PairThreads.of(reactor))
        let stopWhenDone = { [unowned self, unowned members, unowned threads] in
            if members.isEmpty, threads.isEmpty { reactor.stop() }
        }
        members.whenEmpty = stopWhenDone
        threads.whenEmpty = stopWhenDone
        for member in members.all { member.close { _ in } }
        stopWhenDone()
    }
}
