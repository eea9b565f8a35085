import Testing
import ZMQReactorTestSupport

/// In processes of their own: the test runner uses the main thread itself.
@Suite(.hangLimit) struct MainActorTests {
    private func output(of program: String, _ arguments: String...) throws -> String {
        let process = try ChildProcess(Project.executable(program), arguments)
        try process.expectExit(within: .seconds(20))
        return process.standardOutput
    }

    @Test("a reactor on the main thread runs tasks of the main actor, and what is on the main queue")
    func served() throws {
        #expect(try output(of: "MainActorProgram") == "end\n")
    }

    @Test("each reactor of the main thread serves it while it runs")
    func severalReactors() throws {
        #expect(try output(of: "MainActorProgram", "twice") == "end\n")
    }

    @Test("work on the main actor that never ends, and timers, take turns")
    func fairness() throws {
        #expect(try output(of: "MainActorProgram", "many") == "end\n")
    }

    @Test("a child by fork does not take the events of its parent's main queue")
    func forked() throws {
        #expect(try output(of: "MainActorProgram", "fork") == "child 0\nend\n")
    }

    @Test("top-level code and classes of a target that is isolated to the main actor")
    func defaultIsolation() throws {
        #expect(try output(of: "DefaultIsolationProgram") == "top level\nservice\nend\n")
    }

    @Test("an asynchronous main before its first suspension, which suspends after the run as well")
    func asyncMain() throws {
        #expect(try output(of: "AsyncMainProgram", "before") == "reactor has ended\nend\n")
    }

    @Test("tasks that are not isolated run on a reactor that an asynchronous main makes later")
    func nonisolated() throws {
        #expect(try output(of: "AsyncMainProgram", "nonisolated") == "reactor has ended\nend\n")
    }

    #if DEBUG
        @Test("a task that would wait for the main actor for ever traps, with advice")
        func blockedMainActor() throws {
            let process = try ChildProcess(Project.executable("AsyncMainProgram"), ["after"])
            #expect(try process.wait(within: .seconds(20)) != .exited(0))
            try process.expectOutput("This task would never begin", on: .error)
        }
    #else
        @Test("a task that would wait for the main actor for ever is reported on standard error, with advice")
        func blockedMainActor() throws {
            let process = try ChildProcess(Project.executable("AsyncMainProgram"), ["after"])
            try process.expectOutput("This task would never begin", on: .error)
            process.kill()
        }
    #endif
}
