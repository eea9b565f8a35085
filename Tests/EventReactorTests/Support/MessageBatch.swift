import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

/// Runs the reactor until the condition holds; records an issue when it does not within the limit.
func run(
    _ reactor: Reactor,
    within limit: Duration = .seconds(10),
    until condition: () -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let deadline = SuspendingClock.now.advanced(by: limit * slowness)
    let alarm = reactor.every(.milliseconds(20)) { _ in }
    defer { alarm.cancel() }
    while !condition() {
        guard SuspendingClock.now < deadline else {
            Issue.record("the condition did not hold within \(limit)", sourceLocation: sourceLocation)
            return
        }
        reactor.run(.once)
    }
}

/// Runs this many turns without waiting.
func turns(_ count: Int, of reactor: Reactor) {
    for _ in 0..<count { reactor.run(.nowait) }
}

/// Two connected stream sockets, closed in deinit.
final class SocketPair {
    private(set) var a: CInt
    private(set) var b: CInt

    init() {
        var ends: [CInt] = [0, 0]
        precondition(
            socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
                == 0
        )
        (a, b) = (ends[0], ends[1])
    }

    deinit {
        closeA()
        closeB()
    }

    func closeA() {
        if a >= 0 { close(a) }
        a = -1
    }

    func closeB() {
        if b >= 0 { close(b) }
        b = -1
    }

    /// Makes `a` readable.
    func poke() { #expect(write(b, "x", 1) == 1) }

    /// Reads one byte from `a`.
    @discardableResult
    func take() -> Bool {
        var byte: UInt8 = 0
        return read(a, &byte, 1) == 1
    }
}
