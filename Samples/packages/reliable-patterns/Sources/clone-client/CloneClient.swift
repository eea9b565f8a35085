// Keep a copy of the map of clone-server, and change the map.
//
// clone-client [PORT or ENDPOINT PREFIX]; type KEY=VALUE to set a value, KEY= to delete it.

import Clone
import Foundation
import ZMQReactor

@main
enum CloneClientProgram {
    static func main() throws {
        let place = CommandLine.arguments.dropFirst().first ?? "5556"
        let endpoints = Int(place).map { CloneEndpoints(host: "localhost", port: $0) } ?? CloneEndpoints(prefix: place)
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
