// All that a server imports, in one file. One name of ours is ambiguous then: swift-metrics has a `TimerHandler`, too, and
// ours is written with its module.
import Foundation
import Logging
import Metrics
import ZMQReactor
import ZMQReactorConfiguration
import ZMQReactorFoundation
import ZMQReactorLogging
import ZMQReactorMetrics
import ZMQReactorServiceLifecycle
import ZMQReactorStatus
import ZMQReactorTracing

/// Prints what a PUSH sends to a PULL, and the time when a timer ends it.
@main
struct Client {
    static func main() throws {
        let logger = Logger(label: "client")
        let received = Counter(label: "received")
        let reactor = try Reactor()
        let context = Context()
        let pull = try PullSocket(on: reactor, in: context) { _, message in
            received.increment()
            print("received \(message.string)")
        }
        try pull.bind("inproc://client")
        let push = try PushSocket(on: reactor, in: context)
        try push.connect("inproc://client")
        guard try push.send("hello") == .accepted else { return logger.error("PUSH has no peer") }
        let timer: ReactorTimer = reactor.after(.milliseconds(50), handler: End(reactor))
        reactor.run()
        timer.cancel()
    }
}

/// Ends the program.
final class End: ZMQReactor.TimerHandler {
    private unowned let reactor: Reactor
    init(_ reactor: Reactor) { self.reactor = reactor }

    func timerFired(_ timer: ReactorTimer) {
        print("ended in \(Date.now.formatted(.dateTime.year()))")
        reactor.stop()
    }
}
