import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import EventReactor

private struct Fault: Error, Equatable { let name: String }

/// What the closures of handlers throw.
@Suite(.hangLimit)
struct HandlerErrorTests {
    @Test("what the closure of any watcher throws is reported with the watcher, which goes on")
    func watchers() throws {
        let reactor = try Reactor()
        var reported: [(name: String, source: AnyObject)] = []
        reactor.onError = { error, source in reported.append(((error as? Fault)?.name ?? "?", source)) }
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        write(ends[1], "x", 1)
        let descriptor = try reactor.watch(ends[0], for: .readable) { _, _ in throw Fault(name: "descriptor") }
        let timer = reactor.every(.zero) { _ in throw Fault(name: "timer") }
        let once = reactor.after(.zero) { _ in throw Fault(name: "once") }
        let clock = reactor.at(.now) { _ in throw Fault(name: "clock") }
        // One that no other test uses.
        let number = CInt(45)
        let signal = try reactor.on(signal: Signal(rawValue: number)) { _ in throw Fault(name: "signal") }
        kill(getpid(), number)
        let child = try reactor.spawn("true") { _, _ in throw Fault(name: "child") }
        let sources: [(String, AnyObject)] = [
            ("descriptor", descriptor), ("timer", timer), ("once", once), ("clock", clock), ("signal", signal),
            ("child", child.watcher),
        ]
        for (name, source) in sources {
            try reactor.run(until: { reported.contains { $0.name == name } }, name)
            #expect(reported.filter { $0.name == name }.allSatisfy { $0.source === source }, "\(name)")
        }
        // They have not been cancelled, but for those that fire once.
        let before = reported.count { $0.name == "timer" }
        try reactor.run(until: { reported.count { $0.name == "timer" } > before })
        #expect(descriptor.isActive && signal.isActive && !once.isActive)
        descriptor.cancel()
        timer.cancel()
        let idle = reactor.onIdle { watcher in
            watcher.cancel()
            throw Fault(name: "idle")
        }
        try reactor.run(until: { reported.last?.name == "idle" })
        #expect(reported.last?.source === idle)
        #expect(reactor.handlerErrorCount == reported.count)
        signal.cancel()
    }

    @Test("without a closure they are printed, one a second")
    func printed() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let reactor = try Reactor()
            var count = 0
            reactor.every(.zero) { timer in
                count += 1
                if count == 100 {
                    timer.cancel()
                    reactor.stop()
                }
                throw Fault(name: "x")
            }
            reactor.run()
            precondition(reactor.handlerErrorCount == 100)
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        let lines = text.split(separator: "\n").filter { $0.contains("Reactor.onError") }
        #expect(lines.count == 1 || lines.count == 2)
        #expect(lines.first?.hasPrefix("error in the handler of a ReactorTimer: Fault(name: \"x\")") == true)
    }

    @Test("an error that is not printed is in the number of the next one")
    func omitted() {
        var errors = HandlerErrors()
        #expect(errors.print(at: 5) == 0)
        #expect(errors.print(at: 6) == nil && errors.print(at: 1_000_000_004) == nil)
        #expect(errors.print(at: 1_000_000_005) == 2)
        #expect(errors.print(at: 1_000_000_006) == nil)
        #expect(errors.print(at: 9_000_000_000) == 1)
    }
}
