// Serves a page to web browsers, or the files of a directory: a STREAM socket exchanges bytes with plain TCP peers.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct HTTPServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http-server",
        abstract: "Reply to HTTP requests with \"Hello, World!\", or with files."
    )

    @Option(help: "The endpoint for browsers.")
    var bind = "tcp://*:8080"

    @Option(help: "A directory of files to serve, which are read once. Otherwise every page is \"Hello, World!\".")
    var files: String?

    func run() throws {
        let site = try files.map(Site.init(directory:)) ?? Site()
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let server = try StreamSocket(on: reactor, in: context, handler: Responder(site))
        try server.bind(bind)
        print("Open \(url(of: server.lastEndpoint ?? bind)) in a browser")
        fflush(nil)
        reactor.run()
    }

    private func url(of endpoint: String) -> String {
        let (scheme, anyAddress) = ("tcp://", /^(0\.0\.0\.0|\[::\])/)
        return "http://" + endpoint.dropFirst(scheme.count).replacing(anyAddress, with: "localhost") + "/"
    }
}

private struct Page {
    var type = "text/plain"
    var bytes: [UInt8] = []
}

private struct Site {
    private static let types = [
        "css": "text/css", "html": "text/html; charset=utf-8", "js": "text/javascript", "svg": "image/svg+xml",
    ]

    /// By their paths; nil for the same page everywhere.
    private var pages: [String: Page]?

    init() {}

    /// The files of the known types. `index.html` is also the page of the directory itself.
    init(directory: String) throws {
        let directory = URL(fileURLWithPath: directory, isDirectory: true)
        var pages: [String: Page] = [:]
        for file in try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil) {
            guard let type = Self.types[file.pathExtension] else { continue }
            pages["/\(file.lastPathComponent)"] = Page(type: type, bytes: Array(try Data(contentsOf: file)))
        }
        pages["/"] = pages["/index.html"]
        self.pages = pages
    }

    /// The page at a path; a query behind it is ignored.
    subscript(path: Substring) -> Page? {
        guard let pages else { return Page(bytes: Array("Hello, World!".utf8)) }
        return pages[String(path.prefix { $0 != "?" })]
    }
}

private final class Responder: StreamHandler {
    private static let largestRequest = 8192

    private let site: Site
    /// The incomplete request of each browser.
    private var requests: [Frame: [UInt8]] = [:]

    init(_ site: Site) { self.site = site }

    func socket(_ socket: StreamSocket, received message: Message) {
        let (browser, bytes) = (message[0].copy(), message[1])
        // An empty message means that a browser has connected or disconnected.
        if bytes.isEmpty { return requests[browser] = nil }
        requests[browser, default: []] += bytes
        let request = String(decoding: requests[browser, default: []], as: UTF8.self)
        if request.contains("\r\n\r\n") {
            let words = request.prefix { $0 != "\r\n" }.split(separator: " ")
            if words.count != 3 || words[0] != "GET" {
                answer(browser, on: socket, "405 Method Not Allowed", Page())
            } else if let page = site[words[1]] {
                answer(browser, on: socket, "200 OK", page)
            } else {
                answer(browser, on: socket, "404 Not Found", Page(bytes: Array("There is no such page.".utf8)))
            }
        } else if request.utf8.count > Self.largestRequest {
            answer(browser, on: socket, "431 Request Header Fields Too Large", Page())
        }
    }

    private func answer(_ browser: Frame, on socket: StreamSocket, _ status: String, _ page: Page) {
        requests[browser] = nil
        let head = """
            HTTP/1.1 \(status)\r
            Content-Type: \(page.type)\r
            Content-Length: \(page.bytes.count)\r
            Cache-Control: no-cache\r
            Connection: close\r
            \r

            """
        // The only answer on its connection: there is room.
        _ = try? socket.send(Array(head.utf8) + page.bytes, to: browser)
        try? socket.hangUp(on: browser)
    }
}
