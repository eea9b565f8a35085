import Glibc

/// The program of `Tests/world`: runs worlds, and prints what is wrong in them.
@main
struct WorldCommand {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        guard arguments.count >= 3 else {
            print("usage: world FIRST COUNT SECONDS [1, for a trace]")
            exit(64)
        }
        let (first, count, seconds, isTraced) = (arguments[0], arguments[1], Int(arguments[2]), arguments.count > 3)
        var failed: [UInt64] = []
        var (messages, events) = (0, 0)
        for seed in first..<first + count {
            let outcome = try World.run(seed: seed, seconds: seconds, isAlone: true, keepsLines: isTraced)
            for line in outcome.lines { print(line) }
            (messages, events) = (messages + outcome.messages, events + outcome.events)
            if count == 1 {
                print("\(outcome.messages) messages, \(outcome.events) events, digest \(outcome.digest)")
            }
            fflush(nil)
            guard !outcome.problems.isEmpty else { continue }
            failed.append(seed)
            for problem in outcome.problems.prefix(20) { print("seed \(seed): \(problem)") }
            if outcome.problems.count > 20 { print("seed \(seed): and \(outcome.problems.count - 20) more") }
        }
        print(
            "\(count) worlds with \(messages) messages and \(events) events: \(failed.count) failed \(failed.prefix(20))"
        )
        exit(failed.isEmpty ? 0 : 1)
    }
}
