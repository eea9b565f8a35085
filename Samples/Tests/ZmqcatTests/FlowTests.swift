import Glibc
import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit)
struct FlowTests {
    /// A file of numbered lines, and its content.
    private func lines(_ count: Int, size: Int) throws -> (path: String, text: String) {
        let filling = String(repeating: ".", count: size)
        let text = (0..<count).map { "\($0) \(filling)\n" }.joined()
        let path = Unique.path(".txt")
        let file = try #require(fopen(path, "w"))
        _ = fputs(text, file)
        fclose(file)
        return (path, text)
    }

    /// Waits until a process has stopped reading its input, a file, before its end.
    private func expectStall(_ process: ChildProcess, before end: Int) throws {
        var (last, looks) = (-1, 0)
        try waitUntil("the sender to stop reading", within: .seconds(30)) {
            let position = try readFile("/proc/\(process.processID)/fdinfo/0").split(whereSeparator: \.isWhitespace)
            let now = Int(position[1])!
            looks = now == last && now > 0 ? looks + 1 : 0
            last = now
            return looks == 100
        }
        #expect(last < end, "it has read everything")
    }

    @Test("would-block stops the reading of input: nothing of 100,000 lines is lost on a slow reader")
    func slowReader() throws {
        let (path, text) = try lines(100_000, size: 400)
        defer { unlink(path) }
        let reader = try Cat.shell(
            "exec 3<&0; \"$@\" | { read -r gate <&3; cat; }",
            "pull",
            "--bind",
            "tcp://127.0.0.1:*",
            "--count",
            "100000"
        )
        let sender = try Cat.shell("exec \"$@\" <\(path)", "push", "--connect", try reader.endpoint())
        try expectStall(sender.process, before: text.utf8.count)
        try reader.process.write("go\n")
        #expect(try reader.output() == text)
        try sender.output()
    }

    @Test("a push without peers keeps its line until there is one")
    func noPeers() throws {
        let (push, endpoint) = try Cat.bound("push")
        try push.input("kept\n")
        let pull = try Cat("pull", "--connect", endpoint, "--count", "1")
        #expect(try pull.output() == "kept\n")
        try push.output()
    }

    @Test("a blocking xpub waits for its subscriber")
    func noDrop() throws {
        let (path, text) = try lines(20_000, size: 400)
        defer { unlink(path) }
        let publisher = try Cat.shell(
            "exec \"$@\" <\(path)",
            "xpub",
            "--bind",
            "tcp://127.0.0.1:*",
            "--option",
            "xpub-no-drop=true",
            "--delay",
            "2s"
        )
        let sub = try Cat("sub", "--connect", try publisher.endpoint(), "--subscribe", "", "--count", "20000")
        #expect(try sub.output() == text)
    }

    @Test("an echo that has no room stops the reception, and nothing is lost")
    func slowEcho() throws {
        let (path, text) = try lines(20_000, size: 400)
        defer { unlink(path) }
        let (server, endpoint) = try Cat.bound("dealer", "--echo", "--option", "send-high-water-mark=10")
        let client = try Cat.shell(
            "\"$@\" <\(path)",
            "dealer",
            "--connect",
            endpoint,
            "--count",
            "20000",
            "--option",
            "receive-high-water-mark=10"
        )
        #expect(try client.output() == text)
        server.process.interrupt()
        try server.process.expectExit(within: .seconds(15))
    }

    @Test("input may be a file, /dev/null or closed, and output closed")
    func kindsOfInput() throws {
        for redirection in ["</dev/null", "<&-", "<&- >&-"] {
            let push = try Cat.shell("exec \"$@\" \(redirection)", "push", "--bind", "tcp://127.0.0.1:*")
            #expect(try push.output().isEmpty)
            #expect(push.complaints.isEmpty)
        }
    }

    @Test("partial lines wait for the rest")
    func partialLines() throws {
        let (push, endpoint) = try Cat.bound("push")
        let pull = try Cat("pull", "--connect", endpoint)
        try push.process.write("first\nhel")
        #expect(try pull.process.nextLine() == "first")
        try push.process.write("lo\n")
        #expect(try pull.process.nextLine() == "hello")
    }

    @Test("a line may be long")
    func longLine() throws {
        let line = String(repeating: "x", count: 3_000_000)
        let (pull, endpoint) = try Cat.bound("pull", "--count", "1")
        let push = try Cat("push", "--connect", endpoint)
        try push.input(line)
        #expect(try pull.output() == line + "\n")
    }

    @Test("a closed reader ends it silently, even when there is nothing to print")
    func brokenPipe() throws {
        let cat = try Cat.shell("{ \"$@\"; echo status $? >&2; } | true", "pull", "--bind", "tcp://127.0.0.1:*")
        try cat.output()
        #expect(cat.process.standardError.hasSuffix("status 0\n") && cat.complaints.isEmpty)
    }

    @Test("SIGINT ends it even when the reader has stopped")
    func signalWhileStalled() throws {
        let (path, text) = try lines(50_000, size: 400)
        defer { unlink(path) }
        let reader = try Cat.shell(
            "exec 3<&0; { echo \"pid $(exec sh -c 'echo $PPID')\" >&2; exec \"$@\"; } | { read -r gate <&3; cat; }",
            "pull",
            "--bind",
            "tcp://127.0.0.1:*"
        )
        let endpoint = try reader.endpoint()
        let sender = try Cat.shell("exec \"$@\" <\(path)", "push", "--connect", endpoint)
        try expectStall(sender.process, before: text.utf8.count)
        let line = reader.process.standardError.split(separator: "\n").first { $0.hasPrefix("pid ") }
        let process = try #require(Int32(line?.dropFirst(4) ?? ""))
        kill(process, SIGINT)
        try waitUntil("it to end") {
            kill(process, 0) != 0 || (try? readFile("/proc/\(process)/stat").contains(") Z ")) == true
        }
        try reader.process.write("go\n")
        try reader.output()
    }

    @Test("output is written as soon as no more messages arrive")
    func flushing() throws {
        let (pull, endpoint) = try Cat.bound("pull")
        let push = try Cat("push", "--connect", endpoint)
        for number in 0..<20 {
            try push.process.write("\(number)\n")
            #expect(try pull.process.nextLine() == "\(number)")
        }
    }
}
