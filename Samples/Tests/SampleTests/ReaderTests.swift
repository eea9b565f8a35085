import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit)
struct ReaderTests {
    private let count = 100

    /// The reader's output when as many tasks as updates are queued for it: `t` for a task, `w` for an update.
    private func order(_ options: String...) throws -> String {
        let (tasks, weather) = (try freeEndpoint(), try freeEndpoint())
        let others = try python(
            """
            tasks, weather = ctx.socket(zmq.PUSH), ctx.socket(zmq.XPUB)
            tasks.bind(sys.argv[1])
            weather.bind(sys.argv[2])
            assert weather.recv() == b"\\x0110001 "
            tasks.send(b"0")
            for _ in range(int(sys.argv[3]) - 1):
                tasks.send(b"5")
                weather.send(b"10001 7 50")
            weather.send(b"10001 7 50")
            """,
            tasks,
            weather,
            "\(count)"
        )
        let reader = try sample("weather-task-reader", ["--tasks", tasks, "--weather", weather] + options)
        try others.expectExit(within: .seconds(30))
        try waitUntil("everything to be read") {
            reader.standardOutput.split(separator: "\n").count == 2 * count
        }
        reader.interrupt()
        try reader.expectExit()
        #expect(reader.standardError.isEmpty)
        let lines = reader.standardOutput.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("task ") } == count)
        #expect(lines.count { $0 == "weather 10001 7 50" } == count)
        return String(lines.map { $0.first! })
    }

    private func longestStretch(of kind: Character, in order: String) -> Int {
        order.split { $0 != kind }.map(\.count).max() ?? 0
    }

    @Test("4.9: the reader receives tasks as long as there are any, then updates")
    func prioritized() throws {
        // Rarely, so that many messages are queued at each poll.
        let order = try order("--pause", "200")
        #expect(longestStretch(of: "t", in: order) > count / 4, "\(order)")
    }

    @Test("the fair reader receives them in turn")
    func fair() throws {
        let order = try order("--pause", "200", "--fair")
        #expect(order.matches(of: /tw/).count > count / 2, "\(order)")
    }

    @Test("4.9: by default it polls every millisecond")
    func defaultPause() throws { _ = try order() }

    @Test("4.9: our ventilator and our weather server on the other side")
    func ownPeers() throws {
        let (tasks, weather, results) = (try freeEndpoint(), try freeEndpoint(), try freeEndpoint())
        let server = try sample("weather-server", "--bind", weather)
        let sink = try LibzmqPeer(.pull)
        try sink.bind(results)
        let ventilator = try sample("task-ventilator", "--bind", tasks, "--sink", results, "--go", "--count", "20")
        let reader = try sample("weather-task-reader", "--tasks", tasks, "--weather", weather, "--filter", "12")
        try ventilator.expectExit()
        try waitUntil("all tasks to be read, and some weather") {
            let lines = reader.standardOutput.split(separator: "\n")
            return lines.count { $0.hasPrefix("task ") } == 20 && lines.contains { $0.hasPrefix("weather 12") }
        }
        for program in [reader, server] {
            program.interrupt()
            try program.expectExit()
        }
    }

    @Test("PRX-20: tasks pass through the streamer, from our ventilator and libzmq's, to our workers and libzmq's")
    func streamer() throws {
        let (frontend, backend) = (try freeEndpoint(), try freeEndpoint())
        let streamer = try sample("streamer", "--frontend", frontend, "--backend", backend)
        let batch = try Batch()
        let worker = try sample(
            "task-worker",
            "--tasks",
            backend,
            "--results",
            batch.results,
            "--control",
            batch.control
        )
        let others = try python(
            """
            results, ventilator, control = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH), ctx.socket(zmq.XPUB)
            results.bind(sys.argv[2])
            control.bind(sys.argv[3])
            control.recv()
            ventilator.connect(sys.argv[1])
            for _ in range(20):
                ventilator.send(b"1")
            for _ in range(20):
                assert results.recv() == b""
            control.send(b"KILL")
            """,
            frontend,
            batch.results,
            batch.control
        )
        try others.expectExit(within: .seconds(30))
        try worker.expectExit()
        #expect(worker.standardOutput.hasSuffix("Tasks done: 20\n"))

        // 20 000 tasks are more than the queues hold: the ventilator is held back until a worker connects, and no task
        // is lost.
        let ventilator = try python(
            """
            push = ctx.socket(zmq.PUSH)
            push.connect(sys.argv[1])
            for number in range(20000):
                push.send(b"%d" % number)
            """,
            frontend
        )
        let libzmqWorker = try python(
            """
            pull = ctx.socket(zmq.PULL)
            pull.connect(sys.argv[1])
            for number in range(20000):
                assert pull.recv() == b"%d" % number
            """,
            backend
        )
        for program in [ventilator, libzmqWorker] { try program.expectExit(within: .seconds(30)) }
        streamer.interrupt()
        try streamer.expectExit()
    }
}
