import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit) struct SpawnTests {
    /// Reads to the end of a pipe, and closes it.
    private func collect(_ descriptor: CInt?, on reactor: Reactor, _ ended: @escaping (String) -> Void) throws {
        let descriptor = try #require(descriptor)
        var text: [UInt8] = []
        try reactor.watch(descriptor, for: .readable) { watcher, _ in
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 { return text += buffer.prefix(count) }
            watcher.cancel()
            close(descriptor)
            ended(String(decoding: text, as: UTF8.self))
        }
    }

    @Test("a program's three streams are pipes, and its status is reported")
    func pipes() throws {
        let reactor = try Reactor()
        var (status, output, error): (ProcessExitStatus?, String?, String?)
        let command = "read line; echo \"got $line\"; echo oops >&2; exit 3"
        let child = try reactor.spawn("sh", ["-c", command], input: .pipe, output: .pipe, error: .pipe) {
            watcher,
            ended in
            #expect(!watcher.isActive)
            status = ended
        }
        #expect(child.pid == child.watcher.pid)
        try collect(child.output, on: reactor) { output = $0 }
        try collect(child.error, on: reactor) { error = $0 }
        let input = try #require(child.input)
        #expect(fcntl(input, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(input, F_GETFD) & FD_CLOEXEC != 0)
        #expect(write(input, "hello\n", 6) == 6)
        close(input)
        run(reactor, until: { status != nil && output != nil && error != nil })
        #expect(status == .exited(3))
        #expect(output == "got hello\n")
        #expect(error == "oops\n")
        #expect(waitpid(child.pid, nil, WNOHANG) == -1, "it is reaped")
    }

    @Test("streams without a pipe: nothing, a descriptor, and the environment that is given")
    func others() throws {
        let reactor = try Reactor()
        var ends: [CInt] = [0, 0]
        #expect(pipe(&ends) == 0)
        var (status, output): (ProcessExitStatus?, String?)
        let child = try reactor.spawn(
            "/bin/sh",
            ["-c", "cat; echo \"$GREETING/$HOME\"; trap"],
            environment: ["GREETING": "hello world"],
            input: .null,
            output: .descriptor(ends[1])
        ) { _, ended in status = ended }
        close(ends[1])
        #expect(child.input == nil && child.output == nil && child.error == nil)
        try collect(ends[0], on: reactor) { output = $0 }
        run(reactor, until: { status != nil && output != nil })
        #expect(status == .exited(0))
        #expect(output == "hello world/\n")
    }

    @Test("a child has the default disposition of SIGPIPE, which the reactor ignores")
    func brokenPipe() throws {
        let reactor = try Reactor()
        var status: ProcessExitStatus?
        let child = try reactor.spawn("sh", ["-c", "kill -PIPE $$; exit 0"]) { _, ended in status = ended }
        run(reactor, until: { status != nil })
        #expect(status == .signalled(Signal(rawValue: SIGPIPE)), "\(child.pid)")
    }

    @Test("a program that does not exist, and a descriptor that is not open: errors, and no descriptor is left")
    func failures() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            // Not the numbers: the runner of tests opens files meanwhile.
            func pipes() -> Int { ProcessResources.openDescriptors().values.count { $0.hasPrefix("pipe:") } }
            let before = pipes()
            let missing = #expect(throws: ReactorError.self) {
                try reactor.spawn("/no/such/program", input: .pipe, output: .pipe, error: .pipe) { _, _ in }
            }
            #expect(missing?.errno == ENOENT)
            #expect(missing?.message.contains("/no/such/program") == true)
            let bad = #expect(throws: ReactorError.self) {
                try reactor.spawn("true", input: .pipe, output: .descriptor(999)) { _, _ in }
            }
            #expect(bad?.code == .badDescriptor)
            #expect(pipes() == before)
        }
    }

    @Test("a child that cannot be watched, for want of a descriptor, does not stay")
    func withoutDescriptors() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            // Enough for the streams of the child.
            var few = rlimit(rlim_cur: 3, rlim_max: limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &few)
            var failure: ReactorError?
            do throws(ReactorError) {
                try reactor.spawn("true", input: .null, output: .null, error: .null) { _, _ in }
            } catch {
                failure = error
            }
            let (found, number) = (waitpid(-1, nil, WNOHANG), errno)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            #expect(failure?.message.contains("cannot watch process") == true)
            #expect(found == -1 && number == ECHILD)
        }
    }
}
