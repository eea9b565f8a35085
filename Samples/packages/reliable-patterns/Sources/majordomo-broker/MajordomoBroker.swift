// Give the requests for services to their workers, by the Majordomo Protocol 0.2.
//
// majordomo-broker [ENDPOINT] [HEARTBEAT MILLISECONDS]

import Majordomo
import ZMQReactor

@main
enum MajordomoBroker {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        var settings = Broker.Settings()
        if let milliseconds = arguments.dropFirst().first.flatMap({ Int($0) }) {
            settings.heartbeats.interval = .milliseconds(milliseconds)
        }
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        try Broker.start(at: arguments.first ?? "tcp://*:5555", on: reactor, in: context, settings: settings)
        reactor.run()
    }
}
