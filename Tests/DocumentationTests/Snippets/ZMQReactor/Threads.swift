import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Threads.md shows.
enum ThreadsPage {
    static func joined(_ reactor: Reactor, _ context: Context) throws {
        let counter = try context.startThread(named: "counter", on: reactor) { _, parent in
            // There is room: one answer to each question.
            parent.onMessage { parent, text in _ = try parent.send("\(text.byteCount)") }
        }
        counter.socket.onMessage { _, count in print("that is", count.string, "bytes") }
        if try counter.socket.send("How long is this?") == .wouldBlock { print("the thread is behind") }
    }

    static func detached(_ context: Context) throws {
        let worker = try Reactor.start(named: "worker") { reactor in
            let tasks = try PullSocket(on: reactor, in: context) { _, task in print(task.string) }
            try tasks.bind("inproc://tasks")
        }
        worker.handle.submit { reactor in
            reactor.after(.seconds(1)) { _ in print("a second later, on the worker's thread") }
        }
    }

    static func anyThread(_ reactor: Reactor, _ context: Context) throws {
        let results = try ScatterSocket(on: reactor, in: context)
        try results.connect("tcp://localhost:5558")
        let handle = results.handle
        for part in 0..<4 {
            Task.detached {
                let sum = (0..<1_000_000).reduce(part, &+)
                try await handle.sendWhenReady("\(sum)")
            }
        }
    }

    static func ioThreads(_ reactor: Reactor) throws {
        let context = Context(ioThreads: 1)
        let tasks = try PullSocket(on: reactor, in: context) { _, task in
            print("takes long:", task.string)
        }
        try tasks.bind("tcp://*:5557")
    }

    actor Ledger {
        private let handle: ReactorHandle
        private var total = 0

        init(on handle: ReactorHandle) { self.handle = handle }

        nonisolated var unownedExecutor: UnownedSerialExecutor { handle.asUnownedSerialExecutor() }

        func add(_ amount: Int) -> Int {
            total += amount
            return total
        }

        func serve(in context: Context) throws {
            let server = try RepSocket(on: handle.assumeReactor(), in: context) { _, request, reply in
                reply.send("\(self.add(request[0].decimal ?? 0))")
            }
            try server.bind("tcp://*:5555")
        }
    }

    static func bookkeeping(_ reactor: Reactor, _ socket: RepSocket, _ ledger: Ledger) {
        reactor.task { _ in
            for try await request in socket.requests {
                let total = await ledger.add(request.message[0].decimal ?? 0)
                request.reply("\(total)")
            }
        }
    }
}
