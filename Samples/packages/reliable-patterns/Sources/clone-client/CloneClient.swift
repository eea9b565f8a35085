// Keeps a copy of the map of clone-server, and changes the map.

import ArgumentParser
import Clone
import Foundation
import ZMQReactor

@main
struct CloneClientProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clone-client",
        abstract: "Show a copy of the map of clone-server, and change the map.",
        discussion: "Type KEY=VALUE to set a value, and KEY= to delete it."
    )

    @Option(help: "The first of the server's three TCP ports, or what the names of its three endpoints begin with.")
    var connect = "5556"

    func run() throws {
        let endpoints =
            Int(connect).map { CloneEndpoints(host: "localhost", port: $0) } ?? CloneEndpoints(prefix: connect)
        let reactor = try Reactor()
        let context = Context()
        let client = try CloneClient(of: endpoints, timeout: .milliseconds(500), on: reactor, in: context)
        client.onUpdate = { [unowned client] in
            guard client.isCurrent, client.pendingCount == 0 else { return }
            let entries = client.entries.sorted { $0.key < $1.key }
            let text = entries.map { "\($0.key)=\(String(decoding: $0.value, as: UTF8.self))" }
            print("\(entries.count) values: \(text.joined(separator: " "))")
            fflush(nil)
        }
        let work = reactor.task { _ in try await client.run() }
        try reactor.onTermination { _ in
            work.cancel()
            context.terminate(thenStop: reactor)
        }

        var input: [UInt8] = []
        try reactor.watch(STDIN_FILENO, for: .readable) { watcher, _ in
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            guard count > 0 else { return watcher.cancel() }
            input += bytes.prefix(count)
            while let end = input.firstIndex(of: UInt8(ascii: "\n")) {
                let line = input[..<end].split(
                    separator: UInt8(ascii: "="),
                    maxSplits: 1,
                    omittingEmptySubsequences: false
                )
                if line.count == 2 { client.set(String(decoding: line[0], as: UTF8.self), to: Array(line[1])) }
                input.removeSubrange(...end)
            }
        }
        reactor.run()
    }
}
