import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit)
struct TaskTests {
    private func elapsed(_ sink: ChildProcess) throws -> Int {
        let words = sink.standardOutput.split(whereSeparator: \.isWhitespace)
        return try #require(Int(words.dropLast().last ?? ""))
    }

    private func start(_ ventilator: ChildProcess) throws {
        try ventilator.expectOutput("Press Enter when the workers are ready: ")
        try ventilator.write("\n")
        try ventilator.expectExit(within: .seconds(30))
    }

    /// Waits until the handshakes of all workers are complete: an earlier batch goes to the first of them.
    ///
    /// That is the case when as many connections are established, no data is under way in them, and all processes
    /// sleep.
    private func settle(_ ventilator: ChildProcess, _ workers: [ChildProcess], at endpoint: String) throws {
        let port = String(try #require(Int(endpoint.split(separator: ":").last!)), radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: 4 - port.count) + port
        var quietLooks = 0
        try waitUntil("the workers to connect") {
            let sleeping = try (workers + [ventilator]).allSatisfy {
                try readFile("/proc/\($0.processID)/stat").split(separator: ")").last?.hasPrefix(" S") == true
            }
            // Address, peer, state (01: established) and queues; both ends of a connection are listed.
            let ends = try readFile("/proc/net/tcp").split(separator: "\n").map { $0.split(separator: " ") }
                .filter { $0.count > 4 && ($0[1].hasSuffix(suffix) || $0[2].hasSuffix(suffix)) && $0[3] == "01" }
            let quiet = sleeping && ends.count == workers.count * 2 && ends.allSatisfy { $0[4] == "00000000:00000000" }
            quietLooks = quiet ? quietLooks + 1 : 0
            return quietLooks == 3
        }
    }

    @Test(
        "4.5 to 4.7, KIL-02, KIL-03, KIL-04: ventilator, four workers and sink; all end by themselves",
        arguments: Batch.workers
    )
    func batch(worker: String) throws {
        let batch = try Batch()
        let sink = try batch.sink()
        let workers = try (0..<4).map { _ in try batch.worker(worker) }
        let ventilator = try batch.ventilator()
        try settle(ventilator, workers, at: batch.tasks)
        try start(ventilator)
        try sink.expectExit(within: .seconds(30))
        for worker in workers { try worker.expectExit() }

        let cost = try #require(
            Int(ventilator.standardOutput.split(separator: "\n").last!.split(separator: " ").dropLast().last!)
        )
        #expect(ventilator.standardOutput.contains("Sending tasks to workers...\n"))
        #expect((100...10_000).contains(cost))
        #expect(sink.standardOutput.hasPrefix(String(repeating: ":.........", count: 10) + "Total elapsed time: "))
        #expect(sink.standardOutput.hasSuffix(" msec\n"))
        let time = try elapsed(sink)
        #expect(time * 4 >= cost && time < cost, "four workers share \(cost) ms, and took \(time)")
        let done = workers.map { Int($0.standardOutput.split(separator: " ").last!.dropLast()) }
        #expect(done == [25, 25, 25, 25])
        for process in workers + [sink, ventilator] { #expect(process.standardError.isEmpty) }
    }

    @Test("4.5: a libzmq worker between ventilator and sink")
    func libzmqWorker() throws {
        let batch = try Batch()
        let sink = try batch.sink(count: 20)
        let ventilator = try batch.ventilator(count: 20)
        let worker = try python(
            """
            tasks, results, control = (ctx.socket(type) for type in (zmq.PULL, zmq.PUSH, zmq.SUB))
            control.subscribe("")
            joined = control.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
            results.connect(sys.argv[2])
            control.connect(sys.argv[3])
            joined.recv_multipart()
            tasks.connect(sys.argv[1])
            poller = zmq.Poller()
            poller.register(tasks, zmq.POLLIN)
            poller.register(control, zmq.POLLIN)
            done = 0
            while True:
                ready = dict(poller.poll())
                if tasks in ready:
                    frames = tasks.recv_multipart()
                    assert len(frames) == 1 and 1 <= int(frames[0]) <= 100, frames
                    time.sleep(int(frames[0]) / 1000)
                    results.send(b"")
                    done += 1
                if control in ready:
                    assert control.recv_multipart() == [b"KILL"]
                    break
            print(done)
            """,
            batch.tasks,
            batch.results,
            batch.control
        )
        try start(ventilator)
        try sink.expectExit(within: .seconds(30))
        try worker.expectExit()
        #expect(worker.standardOutput == "20\n")
    }

    @Test(
        "4.6, 4.16: our workers between a libzmq ventilator and a libzmq sink",
        arguments: Batch.workers
    )
    func libzmqEnds(worker: String) throws {
        let batch = try Batch()
        let ends = try python(
            """
            tasks, results, control = (ctx.socket(type) for type in (zmq.PUSH, zmq.PULL, zmq.XPUB))
            control.setsockopt(zmq.XPUB_VERBOSE, 1)
            for socket, endpoint in zip((tasks, results, control), sys.argv[1:]):
                socket.bind(endpoint)
            for _ in range(2):
                control.recv()  # a worker that has not subscribed would miss the kill signal
            for number in range(40):
                tasks.send(b"%d" % (number % 4 + 1))
            for _ in range(40):
                assert results.recv_multipart() == [b""]
            control.send(b"KILL")
            """,
            batch.tasks,
            batch.results,
            batch.control
        )
        let workers = try (0..<2).map { _ in try batch.worker(worker) }
        try ends.expectExit(within: .seconds(30))
        for worker in workers { try worker.expectExit() }
        let done = workers.compactMap { Int($0.standardOutput.split(separator: " ").last!.dropLast()) }
        #expect(done.reduce(0, +) == 40)
    }

    @Test("4.10: the combined worker does tasks and receives the weather on one loop")
    func combinedWorker() throws {
        let batch = try Batch()
        let weather = try freeEndpoint()
        let server = try sample("weather-server", "--bind", weather)
        let sink = try batch.sink(count: 30)
        let ventilator = try batch.ventilator(count: 30)
        let worker = try sample(
            "weather-task-worker",
            "--weather",
            weather,
            "--filter",
            "12",
            "--tasks",
            batch.tasks,
            "--results",
            batch.results,
            "--control",
            batch.control
        )
        try worker.expectOutput("weather 12")
        try start(ventilator)
        try sink.expectExit(within: .seconds(30))
        try worker.expectExit()
        #expect(worker.standardOutput.contains("task "))
        #expect(worker.standardOutput.hasSuffix("Tasks done: 30\n"))
        server.interrupt()
        try server.expectExit()
    }

    @Test("a libzmq publisher, ventilator and sink on the other side of the combined worker")
    func combinedWorkerAndLibzmq() throws {
        let batch = try Batch()
        let weather = try freeEndpoint()
        let others = try python(
            """
            weather, tasks, results, control = (ctx.socket(type) for type in (zmq.XPUB, zmq.PUSH, zmq.PULL, zmq.XPUB))
            for socket, endpoint in zip((weather, tasks, results, control), sys.argv[1:]):
                socket.bind(endpoint)
            assert weather.recv() == b"\\x0110001 " and control.recv() == b"\\x01"
            for number in range(50):
                tasks.send(b"5")
                weather.send(b"10001 12 50")
                weather.send(b"10002 12 50")
                assert results.recv_multipart() == [b""]
            control.send(b"KILL")
            """,
            weather,
            batch.tasks,
            batch.results,
            batch.control
        )
        let worker = try sample(
            "weather-task-worker",
            "--weather",
            weather,
            "--tasks",
            batch.tasks,
            "--results",
            batch.results,
            "--control",
            batch.control
        )
        try others.expectExit(within: .seconds(30))
        try worker.expectExit()
        #expect(worker.standardOutput.contains("weather 10001 12 50\n"))
        #expect(!worker.standardOutput.contains("10002"))
        #expect(worker.standardOutput.hasSuffix("Tasks done: 50\n"))
    }

    @Test("a killed worker loses only tasks that it had already received")
    func killedWorker() throws {
        let batch = try Batch()
        let results = try LibzmqPeer(.pull)
        try results.bind(batch.results)
        let victim = try batch.worker()
        let survivor = try batch.worker()
        let ventilator = try batch.ventilator()
        try settle(ventilator, [victim, survivor], at: batch.tasks)
        try ventilator.expectOutput("Press Enter")
        try ventilator.write("\n")
        try victim.expectOutput(".")
        victim.kill()
        try victim.wait()
        try ventilator.expectExit(within: .seconds(30))
        try waitUntil("the survivor to do its half") { survivor.standardOutput.count { $0 == "." } == 50 }
        // The signal that starts the batch, and the survivor's half.
        let received = try results.receive(count: 51, within: .seconds(20))
        #expect(received.contains([Array("0".utf8)]))
        survivor.interrupt()
        try survivor.expectExit()
        #expect(survivor.standardOutput.hasSuffix("Tasks done: 50\n"))
    }
}
