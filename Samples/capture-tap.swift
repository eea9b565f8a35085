// A message queue that shows all messages that pass through it, frame by frame and in both directions.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct CaptureTap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture-tap",
        abstract: "Forward requests and replies, and show them all."
    )

    @Option(help: "The endpoint for clients.")
    var frontend = "tcp://*:5559"

    @Option(help: "The endpoint for workers.")
    var backend = "tcp://*:5560"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let clients = try RouterSocket(on: reactor, in: context)
        try clients.bind(frontend)
        let workers = try DealerSocket(on: reactor, in: context)
        try workers.bind(backend)

        let printer = try PullSocket(on: reactor, in: context) { _, message in
            print(String(repeating: "-", count: 40))
            for frame in message { print(line(for: frame)) }
            fflush(nil)
        }
        try printer.bind("inproc://capture")
        let capture = try PushSocket(on: reactor, in: context)
        try capture.connect("inproc://capture")

        try Proxy(frontend: clients, backend: workers, capture: capture)
        reactor.run()
    }
}

/// The size of a frame, and its content: text, or otherwise hexadecimal digits.
private func line(for frame: Frame) -> String {
    let isText = frame.allSatisfy { (32...126).contains($0) }
    let content = isText ? frame.string : frame.map { String(format: "%02X", $0) }.joined()
    return String(format: "[%03d] ", frame.count) + content
}
