import EventReactor
import TestSupport
import Testing

private let names = [
    "task-sink", "task-ventilator", "task-worker", "weather-client", "weather-server", "weather-task-worker",
]

@Suite(.timeLimit(.minutes(1)))
struct CommandLineTests {
    /// Options that let each program run on free ports, without peers.
    private func arguments(_ name: String) throws -> [String] {
        let options =
            switch name {
            case "task-sink": ["--bind", "--control"]
            case "task-ventilator": ["--bind", "--sink"]
            case "task-worker": ["--tasks", "--results", "--control"]
            case "weather-client": ["--connect"]
            case "weather-server": ["--bind"]
            default: ["--weather", "--tasks", "--results", "--control"]
            }
        return try options.flatMap { [$0, try freeEndpoint()] }
    }

    private func waitUntilWatching(_ program: ChildProcess, _ signal: Signal) throws {
        try waitUntil("\(signal) to be watched for") {
            let status = try readFile("/proc/\(program.processID)/status")
            let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last
            return UInt64(caught ?? "0", radix: 16)! & (1 << (UInt64(signal.rawValue) - 1)) != 0
        }
    }

    @Test("SIG-02, LEK-01: Ctrl-C and SIGTERM end every program cleanly", arguments: names)
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

    @Test("CTX-09: the first Ctrl-C waits for what is queued, the second does not")
    func twoSignals() throws {
        let arguments = try arguments("task-ventilator")
        let program = try ChildProcess(Project.executable("task-ventilator"), arguments + ["--go"])
        try waitUntilWatching(program, .interrupt)
        program.interrupt()
        // The port is free again when the first has been heard.
        let probe = try LibzmqPeer(.push)
        try waitUntil("the first signal to be heard") { (try? probe.bind(arguments[1])) != nil }
        #expect(program.isRunning, "there is a message for the sink, which is not there")
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

    @Test("--help explains every program, exit status 0", arguments: names)
    func help(name: String) throws {
        let program = try sample(name, "--help")
        try program.expectExit()
        #expect(program.standardOutput.contains("USAGE: \(name)"))
    }

    @Test("counts must make sense", arguments: ["task-sink", "task-ventilator"])
    func counts(name: String) throws {
        for wrong in ["0", "-1", "many"] {
            let program = try sample(name, "--count", wrong)
            try program.expectExit(.exited(64))
        }
    }

    @Test(
        "TOP-21, ERR-09: an address in use is one clear line, exit status 1",
        arguments: [
            ("weather-server", "--bind"), ("task-sink", "--bind"), ("task-sink", "--control"),
            ("task-ventilator", "--bind"),
        ]
    )
    func addressInUse(name: String, option: String) throws {
        let holder = try LibzmqPeer(.pull)
        let endpoint = try holder.bind()
        var arguments = try arguments(name)
        arguments[arguments.firstIndex(of: option)! + 1] = endpoint
        let program = try ChildProcess(Project.executable(name), arguments)
        try program.expectExit(.exited(1))
        let lines = program.standardError.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines[1].isEmpty)
        #expect(lines[0].hasPrefix("Error: ") && lines[0].contains("EADDRINUSE") && lines[0].contains(endpoint))
        #expect(program.standardOutput.isEmpty)
    }

    @Test("TOP-28: a bad endpoint is one clear line, exit status 1", arguments: names)
    func badEndpoint(name: String) throws {
        var arguments = try arguments(name)
        arguments[1] = "tcp://127.0.0.1:99999"
        let program = try ChildProcess(Project.executable(name), arguments)
        try program.expectExit(.exited(1))
        #expect(program.standardError.hasPrefix("Error: EINVAL: "))
        #expect(program.standardError.contains("99999"))
        #expect(program.standardError.split(separator: "\n").count == 1)
    }
}
