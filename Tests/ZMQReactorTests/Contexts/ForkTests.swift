import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

// Swift hides fork(2), because a child of a multithreaded process can do little before exec(2). Servers that fork
// before they create threads call it nevertheless.
@_silgen_name("fork") private func forkProcess() -> pid_t

@Suite(.hangLimit)
struct ForkTests {
    @Test("a forked child works with its own reactor and context, beside the parent's")
    func child() async {
        await #expect(processExitsWith: .success) {
            let (reactor, context) = (try Reactor(), Context())
            let pull = try PullSocket(on: reactor, in: context)
            let endpoint = try pull.bind(anyPort)
            let pid = forkProcess()
            if pid == 0 {
                guard let own = try? Reactor(), let push = try? PushSocket(on: own, in: Context()) else { _exit(2) }
                try? push.connect(endpoint)
                _ = try? push.send("from the child")
                var isSent = false
                push.close { isSent = $0.unsentMessages == 0 }
                try? own.run(until: { isSent })
                _exit(isSent ? 0 : 3)
            }
            precondition(pid > 0)
            var text: String?
            try reactor.run(until: {
                text = try pull.tryReceive()?[0].string
                return text != nil
            })
            var status: CInt = 0
            precondition(waitpid(pid, &status, 0) == pid && status == 0)
            precondition(text == "from the child")
            context.terminate(thenStop: reactor)
            reactor.run()
        }
    }

    @Test("in a forked child the parent's reactor cannot be run; the trap gives advice")
    func parentsReactor() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let reactor = try Reactor()
            try endAsChild { reactor.run(.nowait) }
        }
        let advice = text(result?.standardErrorContent)
        #expect(advice.contains("Make a new one"))
    }

    @Test("in a forked child no socket can be made in the parent's context; the trap gives advice")
    func parentsContext() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let context = Context()
            try endAsChild { _ = try PushSocket(on: Reactor(), in: context) }
        }
        let advice = text(result?.standardErrorContent)
        #expect(advice.contains("Make a new Context"))
    }
}

/// Does something in a forked child, and ends as that child does.
private func endAsChild(_ body: () throws -> Void) throws {
    let pid = forkProcess()
    if pid == 0 {
        try body()
        _exit(0)
    }
    var status: CInt = 0
    precondition(waitpid(pid, &status, 0) == pid)
    _exit(status == 0 ? 0 : 1)
}
