import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

struct ChildProcessTests {
    @Test func reportsExitStatusAndOutput() throws {
        let child = try ChildProcess("/bin/sh", ["-c", "echo out; echo err >&2; exit 3"])
        #expect(try child.wait() == .exited(3))
        #expect(child.standardOutput == "out\n")
        #expect(child.standardError == "err\n")
    }

    @Test func findsProgramsInPathAndSetsEnvironmentAndDirectory() throws {
        let child = try ChildProcess(
            "sh",
            ["-c", "echo $COLOUR; pwd; echo ${HOME:+home}"],
            environment: ["COLOUR": "blue"],
            directory: "/usr"
        )
        try child.expectExit()
        #expect(child.standardOutput == "blue\n/usr\nhome\n")
    }

    @Test func missingProgramIsAnErrorThatNamesIt() {
        let error = #expect(throws: TestFailure.self) { try ChildProcess("/no/such/program") }
        #expect(error?.description.contains("/no/such/program") == true)
    }

    @Test func outputLargerThanAPipeDoesNotStall() throws {
        let child = try ChildProcess("/bin/sh", ["-c", "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2"])
        try child.expectExit()
        #expect(child.standardOutput.utf8.count == 1_000_000)
        #expect(child.standardError.utf8.count == 1_000_000)
    }

    @Test func feedsStandardInput() throws {
        let child = try ChildProcess("cat")
        let text = String(repeating: "0123456789", count: 30_000)
        try child.write(text)
        child.closeInput()
        try child.expectExit()
        #expect(child.standardOutput == text)
    }

    @Test func writingToAnEndedProcessIsAnError() throws {
        let child = try ChildProcess("true")
        try child.wait()
        #expect(throws: TestFailure.self) { try child.write("hello") }
    }

    @Test func sendsSignals() throws {
        let child = try ChildProcess(
            "/bin/sh",
            ["-c", "trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.01; done"]
        )
        try child.expectOutput("ready")
        child.interrupt()
        #expect(try child.wait() == .exited(7))
        #expect(child.standardOutput.contains("caught"))
        child.kill()
    }

    @Test func killedIsReported() throws {
        let child = try ChildProcess("cat")
        child.kill()
        #expect(try child.wait() == .signalled(.kill))
    }

    @Test func returnsLinesOneByOne() throws {
        let child = try ChildProcess("printf", ["one\\ntwo\\nthree"])
        #expect(try child.nextLine() == "one")
        #expect(try child.nextLine() == "two")
        #expect(try child.nextLine() == "three")
        #expect(try child.nextLine() == nil)
    }

    @Test func failuresShowTheOutput() throws {
        let child = try ChildProcess("/bin/sh", ["-c", "echo hello; echo trouble >&2; read line"])
        try child.expectOutput("trouble", on: .error)
        let late = #expect(throws: TestFailure.self) { try child.wait(within: .milliseconds(10)) }
        #expect(late?.description.contains("did not end") == true)
        #expect(late?.description.contains("trouble") == true)
        child.closeInput()
        let ended = #expect(throws: TestFailure.self) { try child.expectOutput("good bye") }
        #expect(ended?.description.contains("ended without printing") == true)
    }

    @Test func isKilledWithItsLastReference() throws {
        var child: ChildProcess? = try ChildProcess("cat")
        let process = child!.processID
        child = nil
        try waitUntil("process \(process) to be gone") { kill(process, 0) != 0 && errno == ESRCH }
    }

    @Test func manyAtOnceDoNotHoldEachOthersPipes() async throws {
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let child = try ChildProcess("echo", ["\(number)"])
                    try child.expectExit()
                    return child.standardOutput
                }
            }
            var outputs: Set<String> = []
            for try await output in group { outputs.insert(output) }
            #expect(outputs.count == 20)
        }
    }
}
