// Serves a page to web browsers: a STREAM socket exchanges bytes with plain TCP peers.

import ArgumentParser
import ZMQReactor

@main
struct HTTPServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http-server",
        abstract: "Reply to every HTTP request with \"Hello, World!\"."
    )

    @Option(help: "The endpoint for browsers.")
    var bind = "tcp://*:8080"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let server = try StreamSocket(on: reactor, in: context, handler: Pages())
        try server.bind(bind)
        reactor.run()
    }
}

private final class Pages: StreamHandler {
    private static let largestRequest = 8192

    /// The incomplete request of each browser.
    private var requests: [Frame: [UInt8]] = [:]

    func socket(_ socket: StreamSocket, received message: Message) {
        let (browser, bytes) = (message[0].copy(), message[1])
        // An empty message means that a browser has connected or disconnected.
        if bytes.isEmpty { return requests[browser] = nil }
        requests[browser, default: []] += bytes
        let request = String(decoding: requests[browser, default: []], as: UTF8.self)
        if request.contains("\r\n\r\n") {
            let isGet = request.hasPrefix("GET ")
            answer(browser, on: socket, isGet ? "200 OK" : "405 Method Not Allowed", isGet ? "Hello, World!" : "")
        } else if request.utf8.count > Self.largestRequest {
            answer(browser, on: socket, "431 Request Header Fields Too Large", "")
        }
    }

    private func answer(_ browser: Frame, on socket: StreamSocket, _ status: String, _ page: String) {
        requests[browser] = nil
        let head = "HTTP/1.1 \(status)\r\nContent-Type: text/plain\r\nContent-Length: \(page.utf8.count)\r\n"
        // The only answer on its connection: there is room.
        _ = try? socket.send("\(head)Connection: close\r\n\r\n\(page)", to: browser)
        try? socket.hangUp(on: browser)
    }
}
