import Dispatch
import EventReactor
import Glibc

/// Does what a program does on the main actor while a reactor runs on the main thread, and prints each step.
@main
@MainActor
struct Program {
    static func main() throws {
        switch CommandLine.arguments.dropFirst().first {
        case "twice": try runTwice()
        case "many": try runManySteps()
        case "fork": try runInChild()
        default: try runOnce()
        }
        print("end")
    }

    private static func runOnce() throws {
        let reactor = try Reactor()
        var steps: Set = ["task", "timer", "class", "actor", "queue"]
        func done(_ step: String) {
            MainActor.preconditionIsolated()
            guard steps.remove(step) != nil else { fatalError("\(step) came twice") }
            if steps.isEmpty { reactor.stop() }
        }
        reactor.task { reactor in
            // It may use what belongs to the reactor's thread.
            reactor.after(.milliseconds(1)) { _ in done("timer") }
            try await reactor.sleep(for: .milliseconds(5))
            for await tick in reactor.ticks(every: .milliseconds(1)) where tick >= 3 { break }
            _ = try await reactor.handle.run { $0.now }
            done("task")
        }
        let owner = Owner()
        owner.start(on: reactor) { done("class") }
        Task { @MainActor in done("actor") }
        DispatchQueue.main.async { done("queue") }
        reactor.run()
    }

    /// Two reactors, of which one runs after the other.
    private static func runTwice() throws {
        for _ in 0..<2 {
            let (reactor, idle) = (try Reactor(), try Reactor())
            reactor.task { $0.stop() }
            reactor.run()
            Task { @MainActor in idle.stop() }
            idle.run()
        }
    }

    /// The main actor's work, which never ends, and the reactor's take turns.
    private static func runManySteps() throws {
        let reactor = try Reactor()
        var (steps, ticks) = (0, 0)
        let task = Task { @MainActor in
            while !Task.isCancelled {
                steps += 1
                await Task.yield()
            }
        }
        reactor.every(.milliseconds(1)) { timer in
            ticks += 1
            guard ticks >= 10, steps >= 1000 else { return }
            timer.cancel()
            reactor.stop()
        }
        reactor.run()
        task.cancel()
    }

    /// The queue of a child would be its parent's.
    private static func runInChild() throws {
        let parent = try Reactor()
        let child = forkProcess()
        guard child == 0 else {
            var status: CInt = 0
            waitpid(child, &status, 0)
            print("child", status)
            parent.task { $0.stop() }
            return parent.run()
        }
        let reactor = try Reactor()
        reactor.after(.milliseconds(1)) { _ in reactor.stop() }
        reactor.run()
        _exit(0)
    }
}

@MainActor
private final class Owner {
    private var count = 0

    func start(on reactor: Reactor, then done: @escaping @MainActor () -> Void) {
        reactor.task { reactor in
            self.count += 1
            try await reactor.sleep(for: .zero)
            self.count += 1
            done()
        }
    }
}

/// fork(2), which Swift does not import.
@_silgen_name("fork") private func forkProcess() -> pid_t
