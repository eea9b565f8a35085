import Testing
import ZMQReactorTestSupport

@testable import ZMQReactorStatus

/// Requests, without a connection.
@Suite struct RequestTests {
    /// The end of a request, and the number of pieces after which it was there.
    private enum Outcome: Equatable {
        case request(Request)
        case refused(HTTPStatus)
        case incomplete
    }

    private func outcome(of bytes: [UInt8], in pieces: [Int]) -> Outcome {
        var reader = RequestReader()
        var start = 0
        for size in pieces {
            let piece = bytes[start..<min(start + size, bytes.count)]
            start += piece.count
            do throws(RequestFault) {
                if let request = try reader.receive(piece) { return .request(request) }
            } catch {
                return .refused(error.status)
            }
        }
        return .incomplete
    }

    private func outcome(of text: String) -> Outcome { outcome(of: Array(text.utf8), in: [text.utf8.count]) }

    private static let get = "GET /status.json?x=1 HTTP/1.1\r\nHost: localhost:8090\r\nAccept: */*\r\n\r\n"

    @Test("a request at each split, byte by byte, and with more behind it")
    func splits() {
        let bytes = Array(Self.get.utf8)
        let whole = outcome(of: bytes, in: [bytes.count])
        guard case .request(let request) = whole else { return #expect(whole == .incomplete) }
        #expect(!request.isHead && request.path == "/status.json" && request.host == "localhost:8090")
        for split in 1..<bytes.count {
            #expect(outcome(of: bytes, in: [split]) == .incomplete)
            #expect(outcome(of: bytes, in: [split, bytes.count - split]) == whole)
        }
        for pieces in Cuts.of(bytes.count, seed: 7) { #expect(outcome(of: bytes, in: pieces) == whole) }
        // Not even text.
        let more = bytes + [0, 255, 13, 10]
        for split in bytes.count - 5...more.count { #expect(outcome(of: more, in: [split, more.count]) == whole) }
    }

    @Test("HEAD, HTTP/1.0 without a host, and the form for proxies")
    func forms() throws {
        func request(_ text: String) throws -> Request {
            var reader = RequestReader()
            return try #require(try reader.receive(Array((text + "\r\n\r\n").utf8)))
        }
        #expect(try request("HEAD / HTTP/1.1\r\nHost: a").isHead)
        #expect(try request("GET / HTTP/1.0").host == nil)
        let proxied = try request("GET http://evil.example:80/page?q HTTP/1.1\r\nHost: localhost")
        #expect(proxied.host == "evil.example:80" && proxied.path == "/page")
        #expect(try request("GET HTTP://a HTTP/1.1\r\nHost: b").path == "/")
        #expect(try request("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0").path == "/")
    }

    @Test(
        "each fault has its status",
        arguments: [
            ("hello\r\n\r\n", HTTPStatus.badRequest), ("\r\n\r\n", .badRequest), ("\u{1}", .badRequest),
            ("GET /\r\n\r\n", .badRequest), ("GET / FTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\n\r\n", .badRequest), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", .badRequest),
            ("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", .badRequest),
            ("GET page HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\nHost: a\n\n\r\n\r\n", .badRequest),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .badRequest),
            ("POST / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod), ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
            ("get / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .badVersion),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .badVersion),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", .bodyTooLarge),
            ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .bodyTooLarge),
            ("GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 8192))\r\n\r\n", .headTooLarge),
            ("GET /\(String(repeating: "x", count: 10_000))", .headTooLarge),
            (
                "GET / HTTP/1.1\r\nHost: a\r\n\((0..<100).map { "X\($0): 1\r\n" }.joined())\r\n", .headTooLarge
            ),
        ]
    )
    func faults(text: String, status: HTTPStatus) {
        #expect(outcome(of: text) == .refused(status))
        for pieces in Cuts.of(text.utf8.count, seed: 3) {
            #expect(outcome(of: Array(text.utf8), in: pieces) == .refused(status))
        }
    }

    @Test("any bytes have one end, however they are split")
    func anyBytes() {
        var generator = SeededGenerator(seed: 5)
        let words = [
            "GET ", "HEAD ", "/", "http://a/", " HTTP/1.1", "\r\n", "Host: a", "Host:", ":", "\r", "\n", " ", "\u{0}",
            "ä",
        ]
        for seed in 0..<2000 {
            var text = seed.isMultiple(of: 2) ? "GET / HTTP/1.1\r\n" : ""
            for _ in 0..<Int.random(in: 0..<12, using: &generator) {
                text += words.randomElement(using: &generator) ?? ""
            }
            if Bool.random(using: &generator) { text += "\r\n\r\n" }
            let bytes = Array(text.utf8)
            let whole = outcome(of: bytes, in: [bytes.count])
            for pieces in Cuts.of(bytes.count, seed: UInt8(seed % 256)) {
                #expect(outcome(of: bytes, in: pieces) == whole, "\(text.debugDescription)")
            }
        }
    }

    @Test("what is not HTTP is refused at once, and not at the end of a head")
    func binary() {
        #expect(outcome(of: Wire.greeting(), in: [10, 54]) == .refused(.badRequest))
        #expect(outcome(of: [0x16, 3, 1, 2, 0], in: [1]) == .refused(.badRequest))
    }

    @Test("on a loopback address, the names of the loopback interface and those that were added")
    func hosts() {
        let local = ["tcp://127.0.0.1:8090", "tcp://[::1]:8090", "tcp://127.1.2.3:80", "ipc:///tmp/status.ipc"]
        for endpoint in local {
            let hosts = AllowedHosts(endpoint: endpoint, adding: ["Status.Example"])
            for name in ["localhost", "LOCALHOST:1", "127.0.0.1", "127.9.9.9:80", "[::1]:80", "status.example:443"] {
                #expect(hosts.contains(name), "\(name) at \(endpoint)")
            }
            for name in [
                "evil.example", "127.evil.example", "localhost.evil.example:80", "0.0.0.0", "[::2]", "", "127.0.0.1.x",
            ] {
                #expect(!hosts.contains(name), "\(name) at \(endpoint)")
            }
            #expect(hosts.contains(nil))
        }
        #expect(!AllowedHosts(endpoint: local[0], adding: []).contains("status.example"))
        let open = AllowedHosts(endpoint: "tcp://0.0.0.0:8090", adding: [])
        #expect(open.contains("anything.example") && open.contains("10.0.0.1:8090"))
        let named = AllowedHosts(endpoint: "tcp://0.0.0.0:8090", adding: ["status.example"])
        #expect(named.contains("status.example") && named.contains("localhost") && !named.contains("evil.example"))
    }
}
