// A process of `Tests/soak`: sockets under load, each on its own loop, in one context.
//
//     soak_peer <directory> <I/O threads> <settings of a socket> [-- <settings of another>]…
//
// SIGTERM: nothing more is sent, messages under way arrive, and the sockets are closed. SIGINT: they are closed at
// once.

import CBench
import EventReactor
import Glibc
import ZMQReactor

@main
enum SoakPeer {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 3, let ioThreads = Int(arguments[2]) else {
            throw Settings.Invalid("usage: soak_peer <directory> <I/O threads> <settings> [-- <settings>]…")
        }
        // Before there are threads, so that none of them receives the signals.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        let context = Context(ioThreads: ioThreads)
        var roles: [(role: Role, thread: ReactorThread)] = []
        for words in arguments[3...].split(separator: "--") {
            let settings = try Settings(words)
            let directory = arguments[1]
            let place = Place()
            let thread = try Reactor.start(named: settings.type) { reactor in
                place.role = try Role(settings, in: directory, on: reactor, context)
            }
            roles.append((place.role!, thread))
        }
        print("ready")
        fflush(nil)

        var signal: CInt = 0
        sigwait(&signals, &signal)
        if signal == SIGTERM { drain(roles) }
        for (role, thread) in roles { _ = thread.handle.submit { _ in role.close() } }
        wait(atMost: 15) { roles.allSatisfy { $0.role.ledger[.finished] == 1 } }
        exit(roles.allSatisfy { $0.role.ledger[.finished] == 1 } ? 0 : 1)
    }

    /// Stops sending, and waits until there is no more traffic.
    private static func drain(_ roles: [(role: Role, thread: ReactorThread)]) {
        for (role, thread) in roles { _ = thread.handle.submit { _ in role.stopGenerating() } }
        var last: UInt64 = .max
        var still = 0
        wait(atMost: 10) {
            let received = roles.reduce(0) { $0 + $1.role.ledger[.received] }
            let isQueued = roles.contains { $0.role.ledger[.queued] > 0 }
            still = received == last && !isQueued ? still + 1 : 0
            last = received
            return still >= 10
        }
    }

    private static func wait(atMost seconds: UInt64, until condition: () -> Bool) {
        let end = bench_now() + seconds * 1_000_000_000
        while !condition(), bench_now() < end { bench_sleep_ms(50) }
    }

    /// Passes a new thread's role to the main thread, which reads it when that thread has started.
    private final class Place: @unchecked Sendable { var role: Role? }
}
