import EventReactor
import Testing
import ZMQReactorTestSupport

/// The programs that run until they are stopped, or until their peers have connected; with the options that are
/// endpoints, bound ones first.
private let endpointOptions: [String: (bound: [String], connected: [String])] = [
    "address-publisher": (["--bind", "--questions"], []),
    "address-subscriber": ([], ["--connect"]),
    "async-worker": ([], ["--tasks", "--results", "--control"]),
    "capture-tap": (["--frontend", "--backend"], []),
    "envelope-publisher": (["--bind"], []),
    "envelope-subscriber": ([], ["--connect"]),
    "forwarder": (["--frontend", "--backend"], []),
    "hello-client": ([], ["--connect"]),
    "hello-server": (["--bind"], []),
    "http-server": (["--bind"], []),
    "interrupt-server": (["--bind"], []),
    "message-queue": (["--frontend", "--backend"], []),
    "multithreaded-server": (["--bind"], []),
    "request-broker": (["--frontend", "--backend"], []),
    "request-client": ([], ["--connect"]),
    "request-worker": ([], ["--connect"]),
    "status-page": (["--bind"], []),
    "streamer": (["--frontend", "--backend"], []),
    "sync-publisher": (["--bind", "--sync"], []),
    "sync-subscriber": ([], ["--connect", "--sync"]),
    "task-board": (["--requests", "--updates"], []),
    "task-sink": (["--bind", "--control"], []),
    "task-ventilator": (["--bind"], ["--sink"]),
    "task-worker": ([], ["--tasks", "--results", "--control"]),
    "weather-client": ([], ["--connect"]),
    "weather-proxy": (["--bind"], ["--connect"]),
    "weather-server": (["--bind"], []),
    "weather-task-reader": ([], ["--tasks", "--weather"]),
    "weather-task-worker": ([], ["--weather", "--tasks", "--results", "--control"]),
]

private let servingNames = endpointOptions.keys.sorted()
private let names = servingNames + ["secure-hello", "thread-relay", "version"]
/// The programs of `Samples/packages`, which have tests of their own.
private let packaged = [
    "clone-client", "clone-server", "gateway-worker", "http-gateway", "majordomo-broker", "majordomo-client",
    "majordomo-worker", "pirate-client",
    "pirate-server", "telemetry-service",
]
private let bindings = servingNames.flatMap { name in endpointOptions[name]!.bound.map { (name, $0) } }

@Suite(.hangLimit)
struct CommandLineTests {
    /// Options that let each program run on free ports, without peers.
    private func arguments(_ name: String) throws -> [String] {
        let options = try #require(endpointOptions[name])
        return try (options.bound + options.connected).flatMap { [$0, try freeEndpoint()] }
    }

    private func waitUntilWatching(_ program: ChildProcess, _ signal: Signal) throws {
        try waitUntil("\(signal) to be watched for") {
            let status = try readFile("/proc/\(program.processID)/status")
            let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last
            return UInt64(caught ?? "0", radix: 16)! & (1 << (UInt64(signal.rawValue) - 1)) != 0
        }
    }

    // The moment in between is too short for a signal to hit it reliably.
    @Test(
        "every program watches for signals before it binds, connects or reports that it is ready",
        arguments: servingNames
    )
    func signalsFirst(name: String) throws {
        let source = try readFile(Project.file("Samples/\(name).swift"))
        let main = try #require(source.ranges(of: "func run() ").last.map { source[$0.lowerBound...] })
        let watching = try #require(
            (main.firstRange(of: ".stopOnInterrupt(") ?? main.firstRange(of: ".onTermination "))?.lowerBound
        )
        for step in [".bind(", ".connect("] {
            if let place = main.firstRange(of: step)?.lowerBound { #expect(watching < place, "\(step)") }
        }
        // `interrupt-server` prints in its handlers, which come first.
        if name != "interrupt-server", let place = main.firstRange(of: "print(")?.lowerBound {
            #expect(watching < place)
        }
    }

    @Test("LEK-01: Ctrl-C and SIGTERM end every program cleanly", arguments: servingNames)
    func signals(name: String) throws {
        for signal in [Signal.interrupt, .terminate] {
            let arguments = try arguments(name)
            let program = try ChildProcess(Project.executable(name), arguments)
            try waitUntilWatching(program, signal)
            program.send(signal)
            try program.expectExit()
            #expect(program.standardError.isEmpty)
        }
    }

    @Test("CTX-09: the first Ctrl-C waits for queued messages, the second does not")
    func twoSignals() throws {
        let arguments = try arguments("task-ventilator")
        let program = try ChildProcess(
            Project.executable("task-ventilator"),
            arguments + ["--go"],
            environment: abruptEnd
        )
        try waitUntilWatching(program, .interrupt)
        program.interrupt()
        // The port is free again once the first signal has been handled.
        let probe = try LibzmqPeer(.push)
        try waitUntil("the first signal to be heard") { (try? probe.bind(arguments[1])) != nil }
        #expect(program.isRunning, "a message is queued for the missing sink")
        program.interrupt()
        try program.expectExit()
    }

    @Test("wrong arguments are explained, exit status 64", arguments: names)
    func wrongArguments(name: String) throws {
        for wrong in [["--no-such-option"], ["one", "too", "many"]] {
            let program = try ChildProcess(Project.executable(name), wrong)
            try program.expectExit(.exited(64))
            #expect(program.standardError.contains("Usage: \(name)"))
        }
    }

    @Test("every program is in the list of Samples/run and in the README; groups contain existing programs")
    func lists() throws {
        let list = try ChildProcess(Project.file("Samples/run"), ["--list"])
        try list.expectExit()
        let listed = list.standardOutput.split(separator: "\n").compactMap {
            $0.split(separator: " ").first.map(String.init)
        }
        #expect(listed.contains("zmqcat"))
        let readme = try readFile(Project.file("README.md"))
        for name in names + packaged {
            #expect(listed.contains(name))
            #expect(readme.contains("`\(name)`"))
        }
        // group | description | program, program* --option, …
        for row in try readFile(Project.file("Samples/run")).split(separator: "\n") {
            let columns = row.split(separator: "|")
            guard columns.count == 3, listed.contains(String(columns[0].filter { $0 != " " })) else { continue }
            #expect(readme.contains("`\(columns[0].filter { $0 != " " })`"))
            for program in columns[2].split(separator: ",") {
                let words = program.split(separator: " ").drop { Int($0) != nil }
                #expect((names + packaged).contains(String(words.first!.filter { $0 != "*" })), "\(program)")
            }
        }
    }

    @Test(
        "Samples/run lists all programs when a name is unknown, exit status 64",
        arguments: [["no-such-program"], ["--path", "no-such-program"]]
    )
    func unknownProgram(arguments: [String]) throws {
        let run = try ChildProcess(Project.file("Samples/run"), arguments)
        try run.expectExit(.exited(64))
        #expect(run.standardError.hasPrefix("There is no program \"no-such-program\". The programs are:\n"))
        for name in names + ["zmqcat"] { #expect(run.standardError.contains("\n\(name) ")) }
        #expect(run.standardOutput.isEmpty)
    }

    @Test("--help explains every program, exit status 0", arguments: names)
    func help(name: String) throws {
        let program = try sample(name, "--help")
        try program.expectExit()
        #expect(program.standardOutput.contains("USAGE: \(name)"))
    }

    @Test(
        "counts and times are checked",
        arguments: [
            ("address-publisher", "--interval"), ("envelope-publisher", "--interval"),
            ("multithreaded-server", "--workers"), ("sync-publisher", "--subscribers"), ("task-sink", "--count"),
            ("task-ventilator", "--count"),
            ("weather-task-reader", "--pause"),
        ]
    )
    func counts(name: String, option: String) throws {
        for wrong in ["0", "-1", "many"] {
            let program = try sample(name, "\(option)=\(wrong)")
            try program.expectExit(.exited(64))
            #expect(program.standardError.contains("Usage: \(name)"))
        }
    }

    @Test(
        "negative times are refused",
        arguments: [
            ("hello-server", "--work"), ("multithreaded-server", "--work"), ("request-worker", "--work"),
            ("sync-subscriber", "--wait"), ("weather-server", "--interval"),
        ]
    )
    func times(name: String, option: String) throws {
        let program = try sample(name, "\(option)=-1")
        try program.expectExit(.exited(64))
        #expect(program.standardError.contains("\(option) must be 0 or more"))
    }

    @Test("no count is too large for a program")
    func largeCounts() throws {
        let program = try sample("multithreaded-server", "--workers", "\(Int.max)")
        try program.expectExit(.exited(64))
        let options = try arguments("task-ventilator") + ["--count", "\(Int.max)", "--go"]
        let ventilator = try ChildProcess(Project.executable("task-ventilator"), options)
        try ventilator.expectOutput("Sending tasks")
    }

    @Test("TOP-21, ERR-09: an address in use is one clear line, exit status 1", arguments: bindings)
    func addressInUse(name: String, option: String) throws {
        let holder = try LibzmqPeer(.pull)
        let endpoint = try holder.bind()
        var arguments = try arguments(name)
        arguments[arguments.firstIndex(of: option)! + 1] = endpoint
        let program = try ChildProcess(Project.executable(name), arguments, environment: abruptEnd)
        try program.expectExit(.exited(1))
        let lines = program.standardError.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines[1].isEmpty)
        #expect(lines[0].hasPrefix("Error: ") && lines[0].contains("EADDRINUSE") && lines[0].contains(endpoint))
        #expect(program.standardOutput.isEmpty)
    }

    @Test("TOP-28: a bad endpoint is one clear line, exit status 1", arguments: servingNames)
    func badEndpoint(name: String) throws {
        var arguments = try arguments(name)
        arguments[1] = "tcp://127.0.0.1:99999"
        let program = try ChildProcess(Project.executable(name), arguments, environment: abruptEnd)
        try program.expectExit(.exited(1))
        #expect(program.standardError.hasPrefix("Error: EINVAL: "))
        #expect(program.standardError.contains("99999"))
        #expect(program.standardError.split(separator: "\n").count == 1)
    }
}
