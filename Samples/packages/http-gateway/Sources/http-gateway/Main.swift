// Has HTTP requests answered by workers. Try: curl http://localhost:8080/square/12

import ArgumentParser
import Gateway
import Hummingbird

@main
struct HTTPGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http-gateway",
        abstract: "Have HTTP requests answered by workers."
    )

    @Option(help: "The port for HTTP.")
    var port = 8080

    @Option(help: "The endpoint for workers.")
    var workers = "tcp://127.0.0.1:5570"

    func run() async throws {
        let workers = try await Workers(at: workers)
        let app = Application(
            router: Gateway(workers: workers.client).router(),
            configuration: .init(address: .hostname("0.0.0.0", port: port)),
            services: workers.services
        )
        try await app.runService()
    }
}
