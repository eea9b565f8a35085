// The reactor alone: timers, work from another thread, descriptors. bare_reactor does the same with plain libev.

import CBench
import Glibc
import ZMQReactor

@main
enum ReactorBench {
    static func main() throws {
        let usage = "start|cancel|fire|submit|descriptors <outstanding> <count>"
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 3, usage)
        bench_allow_descriptors()
        let outstanding = Int(bench_number(CommandLine.unsafeArgv[2]))
        let count = Int(bench_number(CommandLine.unsafeArgv[3]))
        let reactor = try Reactor(inboxLimit: 65_536)
        let tally = Tally(reactor, until: count)
        switch CommandLine.arguments[1] {
        case "start": withinHandler(of: reactor) { startAndCancel(tally, outstanding, measuresCancelling: false) }
        case "cancel": withinHandler(of: reactor) { startAndCancel(tally, outstanding, measuresCancelling: true) }
        case "fire": fire(tally, outstanding)
        case "submit": submit(tally, count)
        case "descriptors": try pass(tally, outstanding)
        default: bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 0, usage)
        }
        bench_report_begin(CommandLine.arguments[1], "both")
        bench_report_count("outstanding", UInt64(outstanding))
        bench_report_rate(UInt64(tally.count), tally.elapsed)
        bench_report_end()
    }

    /// Within a handler, where timers are started and cancelled and the clock is read once; libev does not read it at
    /// all there.
    private static func withinHandler(of reactor: Reactor, _ body: @escaping () -> Void) {
        reactor.after(.zero) { _ in
            body()
            reactor.stop()
        }
        reactor.run()
    }

    /// `outstanding` timers stay pending; portions of others are started and cancelled, one of which is timed.
    private static func startAndCancel(_ tally: Tally, _ outstanding: Int, measuresCancelling: Bool) {
        let reactor = tally.reactor
        let handler = Silent()
        func start() -> ReactorTimer {
            reactor.after(.milliseconds(100_000 + tally.random(below: 1_000_000)), handler: handler)
        }
        let standing = (0..<outstanding).map { _ in start() }
        var portion: [ReactorTimer] = []
        portion.reserveCapacity(10_000)
        while tally.count < tally.limit {
            let begin = bench_now()
            for _ in 0..<10_000 { portion.append(start()) }
            let middle = bench_now()
            for timer in portion { timer.cancel() }
            portion.removeAll(keepingCapacity: true)
            tally.elapsed += measuresCancelling ? bench_now() - middle : middle - begin
            tally.count += 10_000
        }
        withExtendedLifetime(standing) {}
    }

    private static func fire(_ tally: Tally, _ outstanding: Int) {
        let handler = Again(tally)
        for _ in 0..<outstanding {
            tally.reactor.after(.microseconds(tally.random(below: 1000)), handler: handler)
        }
        tally.reactor.run()
    }

    private static func submit(_ tally: Tally, _ count: Int) {
        let handle = tally.reactor.handle
        // Only the reactor's thread accesses the tally.
        nonisolated(unsafe) let tally = tally
        let thread = try! Reactor.start()
        thread.handle.submit { _ in
            for _ in 0..<count {
                while handle.submit({ _ in tally.add() }) == .full { sched_yield() }
            }
        }
        tally.reactor.run()
        thread.stop()
        thread.join()
    }

    private static func pass(_ tally: Tally, _ number: Int) throws {
        let ring = Ring(tally, (0..<number).map { bench_event_descriptor($0 < 100) })
        for descriptor in ring.descriptors {
            try tally.reactor.watch(descriptor, for: .readable, handler: ring)
        }
        tally.reactor.run()
    }
}

private final class Tally {
    let reactor: Reactor
    let limit: Int
    var count = 0
    var elapsed: UInt64 = 0
    private var start: UInt64 = 0
    private var state = BENCH_SEED

    init(_ reactor: Reactor, until limit: Int) {
        self.reactor = reactor
        self.limit = limit
    }

    func add() {
        if count == 0 { start = bench_now() }
        count += 1
        guard count == limit else { return }
        elapsed = bench_now() - start
        reactor.stop()
    }

    func random(below bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int((state >> 32) * UInt64(bound) >> 32)
    }
}

private final class Silent: TimerHandler {
    func timerFired(_ timer: ReactorTimer) {}
}

private final class Again: TimerHandler {
    private let tally: Tally
    init(_ tally: Tally) { self.tally = tally }

    func timerFired(_ timer: ReactorTimer) {
        guard tally.count < tally.limit else { return }
        timer.reschedule(after: .microseconds(tally.random(below: 1000)))
        tally.add()
    }
}

/// Each descriptor that is readable makes another one readable.
private final class Ring: FileDescriptorHandler {
    let descriptors: [CInt]
    private let tally: Tally
    private var next: [CInt]

    init(_ tally: Tally, _ descriptors: [CInt]) {
        self.tally = tally
        self.descriptors = descriptors
        next = [CInt](repeating: 0, count: Int(descriptors.max()!) + 1)
        for (index, descriptor) in descriptors.enumerated() {
            next[Int(descriptor)] = descriptors[(index + 7919) % descriptors.count]
        }
    }

    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        guard tally.count < tally.limit else { return }
        bench_pass_event(watcher.descriptor, next[Int(watcher.descriptor)])
        tally.add()
    }
}
