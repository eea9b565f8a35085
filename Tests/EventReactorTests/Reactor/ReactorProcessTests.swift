import EventReactor
import Glibc
import Testing

/// Behaviour of the whole process, each test in its own process.
@Suite struct ReactorProcessTests {
    @Test func allDescriptorsAreClosed() async {
        await #expect(processExitsWith: .success) {
            _ = try Reactor()
            let before = openDescriptors()
            for _ in 0..<1000 {
                let reactor = try Reactor()
                let pair = SocketPair()
                try reactor.watch(pair.a, for: .writable) { _, _ in }
                try reactor.on(signal: .user1) { _ in }
                reactor.after(.zero) { _ in }
                reactor.every(.seconds(1)) { _ in }
                reactor.onWallClock(every: .seconds(1)) { _ in }
                reactor.onIdle { _ in }
                reactor.handle.submit { _ in }
                turns(2, of: reactor)
            }
            // The test's runtime may open some descriptors itself in the meantime.
            precondition(openDescriptors().count < before.count + 10)
        }
    }

    @Test func allDescriptorsAreCloseOnExec() async {
        await #expect(processExitsWith: .success) {
            let before = Set(openDescriptors())
            let reactor = try Reactor()
            reactor.after(.milliseconds(1)) { _ in }
            reactor.at(.now) { _ in }
            try reactor.on(signal: .user1) { _ in }
            let child = try spawn("exec sleep 60")
            defer { kill(child, SIGKILL) }
            try reactor.onExit(of: child) { _, _ in }
            turns(2, of: reactor)
            let made = Set(openDescriptors()).subtracting(before)
            precondition(made.count >= 4)
            for descriptor in made { precondition(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0) }
        }
    }

    @Test func brokenPipesAreIgnored() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            let pair = SocketPair()
            pair.closeB()
            precondition(write(pair.a, "x", 1) == -1 && errno == EPIPE)
            _ = reactor
        }
    }

    @Test func aChosenHandlerForBrokenPipesStays() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE) { _ in _exit(0) }
            _ = try Reactor()
            raise(SIGPIPE)
            _exit(1)
        }
    }

    @Test func outOfDescriptorsIsAnError() async {
        await #expect(processExitsWith: .success) {
            // However few are left, it is an error or it works; libev itself would abort.
            var used: CInt
            repeat { used = open("/dev/null", O_RDONLY) } while used <= openDescriptors().dropLast().last!
            var refused = 0
            for spare in 1...6 {
                var limit = rlimit(rlim_cur: rlim_t(used + CInt(spare)), rlim_max: 1024)
                precondition(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                do {
                    _ = try Reactor()
                } catch let error as ReactorError {
                    refused += 1
                    precondition(error.code == .resourceExhausted && error.errnoName == "EMFILE")
                }
            }
            precondition((1..<6).contains(refused))
        }
    }

    #if DEBUG
        @Test func useFromAnotherThreadTraps() async {
            await #expect(processExitsWith: .failure) {
                struct Smuggled: @unchecked Sendable { let reactor: Reactor }
                let smuggled = Smuggled(reactor: try Reactor())
                OtherThread { smuggled.reactor.after(.zero) { _ in } }.join()
            }
        }
    #endif

    @Test func runWithinAHandlerTraps() async {
        await #expect(processExitsWith: .failure) {
            let reactor = try Reactor()
            reactor.after(.zero) { _ in reactor.run(.nowait) }
            reactor.run(.nowait)
        }
    }

    @Test func theEnvironmentDoesNotChooseTheBackend() async {
        await #expect(processExitsWith: .success) {
            setenv("LIBEV_FLAGS", "1", 1)
            let reactor = try Reactor()
            reactor.run(.nowait)
            let kinds = openDescriptors().map { descriptorTarget($0) }
            precondition(kinds.contains { $0.contains("eventpoll") })
        }
    }
}
