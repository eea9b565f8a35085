// For the gate: timers are started and cancelled in portions, while others are pending; one count is one timer.

import CBench
import ZMQReactor

@main
enum GateTimers {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 2, "<outstanding> <timers, a multiple of 1000>")
        let outstanding = Int(bench_number(CommandLine.unsafeArgv[1]))
        let count = Int(bench_number(CommandLine.unsafeArgv[2]))
        let starter = Starter(try Reactor())
        let standing = (0..<outstanding).map { _ in starter.start() }
        var portion: [ReactorTimer] = []
        for _ in 0..<count / 1000 {
            for _ in 0..<1000 { portion.append(starter.start()) }
            for timer in portion { timer.cancel() }
            portion.removeAll(keepingCapacity: true)
        }
        withExtendedLifetime(standing) {}
    }
}

private final class Starter: TimerHandler {
    private let reactor: Reactor
    private var state = BENCH_SEED

    init(_ reactor: Reactor) { self.reactor = reactor }

    func start() -> ReactorTimer {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return reactor.after(.milliseconds(100_000 + Int(state >> 44)), handler: self)
    }

    func timerFired(_ timer: ReactorTimer) {}
}
