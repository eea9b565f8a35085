import EventReactor
import Glibc
import TestSupport
import Testing

struct EnvironmentTests {
    @Test func namesAreUnique() {
        #expect(Unique.name() != Unique.name())
        #expect(Unique.ipcEndpoint() != Unique.ipcEndpoint())
    }

    @Test func findsTheRepository() throws {
        #expect(try readFile(Project.file("Package.swift")).contains("zmq-reactor"))
    }

    @Test func missingExecutableIsAnErrorThatNamesIt() {
        let error = #expect(throws: TestFailure.self) { try Project.executable("no-such-program") }
        #expect(error?.description.contains("no-such-program") == true)
    }

    @Test func freePortsCanBeUsed() throws {
        #expect(try (1024...65_535).contains(freePort()))
    }

    @Test func readsOwnResources() throws {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(ProcessResources.openDescriptors()[descriptor] == "/dev/null")
        #expect(try ProcessResources.memoryInUse() > 1_000_000)
        #expect(ProcessResources.threadCount() >= 1)
    }

    @Test func waitingHasALimit() throws {
        #expect(throws: TestFailure.self) { try waitUntil(within: .milliseconds(5)) { false } }
        try waitUntil { true }
    }

    @Test func reactorTurnsUntilAConditionHolds() throws {
        let reactor = try Reactor()
        var fired = false
        reactor.after(.milliseconds(5)) { _ in fired = true }
        try reactor.run(until: { fired })
        #expect(throws: TestFailure.self) { try reactor.run(until: { false }, within: .milliseconds(5)) }
        reactor.run(for: .milliseconds(5))
    }
}
