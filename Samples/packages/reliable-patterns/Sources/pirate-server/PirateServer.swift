// Square numbers, and be as unreliable as desired.
//
// pirate-server [ENDPOINT] [stall=N] [crash=N]: with an answer to request N that is late, or a crash instead of one.

import Foundation
import ZMQReactor

@main
enum PirateServer {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let endpoint = arguments.first { $0.contains("://") } ?? "tcp://*:5555"
        /// The number of the request at which this happens.
        func number(of fault: String) -> Int? {
            arguments.first { $0.hasPrefix("\(fault)=") }.flatMap { Int($0.dropFirst(fault.count + 1)) }
        }
        let (stall, crash) = (number(of: "stall"), number(of: "crash"))

        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        var count = 0
        let server = try RepSocket(on: reactor, in: context) { [unowned reactor] _, request, reply in
            count += 1
            if count == crash {
                print("crashing, with request \(count) unanswered")
                fflush(nil)
                abort()
            }
            let answer = request.frame(0)?.decimal.map { "\($0) \($0 &* $0)" } ?? "not a number"
            guard count == stall else { return reply.send(answer) }
            print("stalling at request \(count)")
            reactor.after(.seconds(4)) { _ in reply.send(answer) }
        }
        try server.bind(endpoint)
        reactor.run()
    }
}
