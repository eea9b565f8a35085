import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit)
struct PassedDescriptorTests {
    @Test("it listens on a descriptor that is passed to it by name, as a service manager does")
    func byName() throws {
        let line = "export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=feed; exec \"$@\""
        let script = """
            import os, socket, sys
            server = socket.create_server(("127.0.0.1", 0))
            print(server.getsockname()[1], file=sys.stderr, flush=True)
            os.dup2(server.fileno(), 3)
            os.set_inheritable(3, True)
            os.execv("/bin/sh", ["sh", "-c", \(quoted(line)), "sh"] + sys.argv[1:])
            """
        let process = try ChildProcess(
            "/usr/bin/python3",
            ["-c", script, Project.executable("zmqcat"), "pull", "--bind-passed", "feed", "--count", "1"]
        )
        try process.expectOutput("bound tcp://127.0.0.1:", on: .error)
        let port = process.standardError.split(separator: "\n")[0]
        #expect(process.standardError.contains("bound tcp://127.0.0.1:\(port)\n"))
        let push = try Cat("push", "--connect", "tcp://127.0.0.1:\(port)")
        try push.input("hello\n")
        try process.expectExit(.exited(0))
        #expect(process.standardOutput == "hello\n")
    }

    @Test("without such a descriptor it says so")
    func missing() throws {
        let cat = try Cat("pull", "--bind-passed", "feed", environment: abruptEnd)
        try cat.process.expectExit(.exited(2))
        #expect(
            cat.complaints.first?.contains("no descriptor called \"feed\" has been passed") == true,
            "\(cat.complaints)"
        )
    }

    private func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "\\\"") + "\"" }
}
