import EventReactor
import Glibc
import Testing

@Suite struct ProcessWatcherTests {
    @Test(arguments: [0, 3, 255] as [CInt])
    func exitCode(code: CInt) throws {
        let reactor = try Reactor()
        var status: ProcessExitStatus?
        let pid = try spawn("exit \(code)")
        let watcher = try reactor.onExit(of: pid) { watcher, ended in
            #expect(watcher.pid == pid)
            #expect(!watcher.isActive)
            status = ended
        }
        run(reactor, until: { status != nil })
        #expect(status == .exited(code))
        #expect(status?.isSuccess == (code == 0))
        #expect(!watcher.isActive)
        #expect(waitpid(pid, nil, WNOHANG) == -1, "it is reaped")
    }

    @Test func endedByASignal() throws {
        let reactor = try Reactor()
        var status: ProcessExitStatus?
        let pid = try spawn("exec sleep 60")
        try reactor.onExit(of: pid) { _, ended in status = ended }
        turns(2, of: reactor)
        #expect(status == nil)
        kill(pid, SIGKILL)
        run(reactor, until: { status != nil })
        #expect(status == .signalled(.kill))
        #expect(status?.description == "ended by SIGKILL")
    }

    @Test func endedBeforeItIsWatched() throws {
        let reactor = try Reactor()
        let pid = try spawn("exit 7")
        var info = siginfo_t()
        waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
        var status: ProcessExitStatus?
        try reactor.onExit(of: pid) { _, ended in status = ended }
        turns(1, of: reactor)
        #expect(status == .exited(7))
    }

    @Test func manyChildrenOnTwoReactors() throws {
        let reactors = [try Reactor(), try Reactor()]
        var codes: Set<CInt> = []
        for code in 0..<10 as Range<CInt> {
            try reactors[Int(code) % 2].onExit(of: try spawn("exit \(code)")) { _, status in
                if case .exited(let code) = status { codes.insert(code) }
            }
        }
        run(reactors[0], until: { codes.count >= 5 && codes.isSuperset(of: [0, 2, 4, 6, 8]) })
        run(reactors[1], until: { codes.count == 10 })
    }

    @Test func cancelled() throws {
        let reactor = try Reactor()
        let pid = try spawn("exit 0")
        let watcher = try reactor.onExit(of: pid) { _, _ in Issue.record("it was cancelled") }
        watcher.cancel()
        watcher.cancel()
        #expect(!watcher.isActive)
        waitpid(pid, nil, 0)
        turns(2, of: reactor)
    }

    @Test func collectedElsewhere() throws {
        let reactor = try Reactor()
        var status: ProcessExitStatus?
        let pid = try spawn("exit 7")
        try reactor.onExit(of: pid) { _, ended in status = ended }
        waitpid(pid, nil, 0)
        run(reactor, until: { status != nil })
        // Linux 6.15 keeps the status for those who have a pidfd.
        #expect(status == .unknown || status == .exited(7))
    }

    @Test("a child of which another call is the owner is reported, and left for that call to reap")
    func doesNotReap() throws {
        let reactor = try Reactor()
        var status: ProcessExitStatus?
        let pid = try spawn("exit 4")
        try reactor.onExit(of: pid, reaps: false) { _, ended in status = ended }
        run(reactor, until: { status != nil })
        #expect(status == .exited(4))
        var collected: CInt = 0
        #expect(waitpid(pid, &collected, WNOHANG) == pid)
        #expect(collected == 4 << 8)
    }

    @Test func unknownPid() throws {
        let reactor = try Reactor()
        let pid = try spawn("exit 0")
        waitpid(pid, nil, 0)
        let gone = #expect(throws: ReactorError.self) { try reactor.onExit(of: pid) { _, _ in } }
        #expect(gone?.code == .noSuchProcess)
        #expect(gone?.message.contains("\(pid)") == true)
        let parent = #expect(throws: ReactorError.self) { try reactor.onExit(of: getppid()) { _, _ in } }
        #expect(parent?.code == .notAChild)
        let none = #expect(throws: ReactorError.self) { try reactor.onExit(of: -1) { _, _ in } }
        #expect(none?.code == .invalidArgument)
    }
}
