import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Random actions on eight threads: sockets of several contexts, with and without I/O threads, are created, bound,
/// connected, used, paused and closed, and contexts are terminated, over every transport.
///
/// It runs for `ZMQ_REACTOR_STRESS_SECONDS`, by default 2. Failures are reported with the seed, which
/// `ZMQ_REACTOR_STRESS_SEED` sets; no two runs are the same with threads, but a seed that has failed is likely to fail
/// again.
@Suite(.timeLimit(.minutes(15)))
struct StressTests {
    @Test("CTX-07: eight threads create, connect, send, close and terminate at random")
    func eightThreads() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let run = StressRun(
                seed: environment("ZMQ_REACTOR_STRESS_SEED").map { UInt64($0) } ?? UInt64(getpid()),
                duration: .seconds(environment("ZMQ_REACTOR_STRESS_SECONDS") ?? 2)
            )
            print(run.outcome())
            fflush(nil)
        }
        let outcome = text(result?.standardOutputContent)
        #expect(outcome.hasPrefix("All went well"), "\(outcome)")
        print(outcome)
    }
}

private func environment(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

/// One run; every thread has its own seed, which is derived from the run's.
private struct StressRun {
    let seed: UInt64
    let duration: Duration
    private let board = StressBoard(ioThreads: [0, 0, 1, 2])

    init(seed: UInt64, duration: Duration) {
        (self.seed, self.duration) = (seed, duration)
    }

    private var seeds: [UInt64] { (0..<8).map { seed &* 1000 &+ $0 } }

    /// The report at the end.
    func outcome() -> String {
        let outcome = Result { try play() }
        let counts = board.counts.sorted { $0.key < $1.key }.map { "\($1) \($0)" }.joined(separator: ", ")
        let seeds = seeds.map(String.init).joined(separator: " ")
        let about = "Seed \(seed), of the threads: \(seeds); \(counts)"
        switch outcome {
        case .success: return "All went well. \(about)"
        case .failure(let error): return "\(error)\n\(board.problems.joined(separator: "\n"))\n\(about)"
        }
    }

    private func play() throws {
        let descriptors = ProcessResources.socketAndLoopCount()
        let threads = try seeds.enumerated().map { [board] number, seed in
            try Reactor.start(named: "stress-\(number)") { reactor in
                _ = reactor.shared(StressPlayer.self) { StressPlayer(on: reactor, board, seed: seed) }
            }
        }
        /// Queries each thread, and collects the results.
        func ask<Answer: Sendable>(_ question: @escaping @Sendable (StressPlayer) -> [Answer]) -> [Answer] {
            threads.flatMap { thread in
                let answers = Answers<Answer>()
                thread.handle.submitAndWait { answers.all = question(.of($0)) }
                return answers.all
            }
        }

        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end, board.problems.isEmpty { poll(nil, 0, 20) }

        _ = ask { player -> [Int] in
            player.rest()
            return []
        }
        try waitUntil("senders to be notified of room: \(ask(\.waitingInVain))", within: .seconds(60)) {
            ask(\.waitingInVain).isEmpty
        }
        board.terminateAll()
        try waitUntil("contexts to terminate", within: .seconds(60)) { board.pendingTerminations == 0 }
        _ = ask { player -> [Int] in
            player.finish()
            return []
        }
        try waitUntil("sockets to be released: \(ask(\.liveSockets))", within: .seconds(60)) {
            ask(\.liveSockets).isEmpty
        }
        for thread in threads { thread.stop() }
        for thread in threads { thread.join() }
        try waitUntil("descriptors and threads to be released", within: .seconds(60)) {
            ProcessResources.socketAndLoopCount() <= descriptors
                && ["stress-", "zmq-io-"].allSatisfy { ProcessResources.threadCount(named: $0) == 0 }
        }
        guard board.problems.isEmpty else { throw TestFailure("what should hold does not") }
        guard board.counts["messages", default: 0] > 100 else { throw TestFailure("hardly a message was delivered") }
    }
}

/// Written by one thread while another waits for it.
private final class Answers<Answer: Sendable>: @unchecked Sendable {
    var all: [Answer] = []
}
