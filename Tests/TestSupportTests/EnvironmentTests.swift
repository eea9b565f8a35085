import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

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

    @Test func freePortsCanBeReusedAndAreAssignedToNoOther() throws {
        let port = try freePort()
        #expect((1024...65_535).contains(port))
        for _ in 0..<2 { try RawListener(port: port).close() }
        // No process listens there.
        #expect(throws: TestFailure.self) { try RawPeer("tcp://127.0.0.1:\(port)") }
        // The system probes a port in this way before it assigns it.
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(result == -1 && errno == EADDRINUSE)
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
