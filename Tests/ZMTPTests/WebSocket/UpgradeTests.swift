import Testing
import ZMQReactorTestSupport

@testable import ZMTP

/// Both sides of the opening handshake.
@Suite struct UpgradeTests {
    /// Feeds a prelude the bytes that it wants, until it is over; returns what it sends, the last step, and how many
    /// bytes it has taken.
    static func run(_ prelude: some Prelude, _ input: [UInt8]) -> (sent: [UInt8], last: PreludeStep, taken: Int) {
        var prelude = prelude
        var (sent, taken) = ([] as [UInt8], 0)
        var step = prelude.start()
        while true {
            switch step {
            case .send(let bytes, let count):
                sent += bytes
                step = .read(count)
            case .read(let count):
                guard taken + count <= input.count else { return (sent, step, taken) }
                step = prelude.receive(Array(input[taken..<taken + count]))
                taken += count
            case .done, .failed: return (sent, step, taken)
            }
        }
    }

    /// As `run`, with what has arrived: at most so many bytes at a time.
    static func runInPortions(
        _ prelude: some Prelude,
        _ input: [UInt8],
        of size: Int
    ) -> (sent: [UInt8], last: PreludeStep, taken: Int, steps: Int) {
        var prelude = prelude
        var (sent, taken, arrived, steps) = ([] as [UInt8], 0, 0, 0)
        var step = prelude.start()
        while true {
            switch step {
            case .send(let bytes, let count):
                sent += bytes
                step = .read(count)
            case .read(let count):
                while arrived - taken < count, arrived < input.count { arrived = min(arrived + size, input.count) }
                guard taken + count <= arrived else { return (sent, step, taken, steps) }
                let portion = prelude.portion(of: input[taken..<arrived], wanted: count)
                step = prelude.receive(Array(input[taken..<taken + portion]))
                taken += portion
                steps += 1
            case .done, .failed: return (sent, step, taken, steps)
            }
        }
    }

    @Test("a request that has arrived is taken at once, and nothing behind it", arguments: [1, 2, 3, 5, 64, 10_000])
    func portions(size: Int) {
        let padding = (0..<70).map { "X-\($0): " + String(repeating: "x", count: 100) }
        for tail in ["", "\r\n\r\n", "\r\rmore"] {
            let request = WebSocketBytes.request(others: padding)
            let expected = Self.run(UpgradeServer(Self.settings(.server)), request)
            let server = UpgradeServer(Self.settings(.server))
            let found = Self.runInPortions(server, request + Array(tail.utf8), of: size)
            #expect(found.sent == expected.sent && found.last == .done && found.taken == request.count)
            // One to take it, and one behind the answer.
            if size > request.count { #expect(found.steps == 2) }
        }
        let long = Array("GET / HTTP/1.1\r\nX: \r".utf8) + [UInt8](repeating: 0x78, count: 20_000)
        let found = Self.runInPortions(UpgradeServer(Self.settings(.server)), long, of: size)
        #expect(String(decoding: found.sent, as: UTF8.self).hasPrefix("HTTP/1.1 431 "))
    }

    private static func settings(
        _ role: WebSocketSettings.Role,
        path: String = "/",
        mechanism: String = "NULL",
        _ change: (inout WebSocketSettings) -> Void = { _ in }
    ) -> WebSocketSettings {
        var settings = WebSocketSettings(
            role,
            host: "host:1",
            path: path,
            mechanism: mechanism,
            socketType: .pull
        )
        change(&settings)
        return settings
    }

    private func answer(
        _ request: [UInt8],
        path: String = "/",
        mechanism: String = "NULL",
        _ change: (inout WebSocketSettings) -> Void = { _ in }
    ) -> (text: String, last: PreludeStep, taken: Int) {
        let server = UpgradeServer(Self.settings(.server, path: path, mechanism: mechanism, change))
        let (sent, last, taken) = Self.run(server, request)
        return (String(decoding: sent, as: UTF8.self), last, taken)
    }

    @Test(
        "WS-1: a server selects the first subprotocol that it speaks",
        arguments: [
            ("ZWS2.0/NULL,ZWS2.0", "NULL", "ZWS2.0/NULL"), ("ZWS2.0", "NULL", "ZWS2.0"),
            ("chat, ZWS2.0 , ZWS2.0/NULL", "NULL", "ZWS2.0"), ("ZWS2.0/NULL, ZWS2.0/CURVE", "CURVE", "ZWS2.0/CURVE"),
            ("ZWS2.0/PLAIN", "PLAIN", "ZWS2.0/PLAIN"),
        ]
    )
    func selection(offer: String, mechanism: String, selected: String) {
        let request = WebSocketBytes.request(protocols: offer)
        let (text, last, taken) = answer(request + Array("behind".utf8), mechanism: mechanism)
        #expect(last == .done)
        #expect(taken == request.count)
        #expect(text.hasPrefix("HTTP/1.1 101 "))
        #expect(text.contains("\r\nSec-WebSocket-Accept: \(WebSocketBytes.acceptance)\r\n"))
        #expect(text.contains("\r\nSec-WebSocket-Protocol: \(selected)\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test("WS-4: a request that is none is answered with the status that names its fault") func faults() {
        let cases: [(Int, String, [UInt8])] = [
            (400, "no subprotocol", WebSocketBytes.request(protocols: nil)),
            (400, "chat", WebSocketBytes.request(protocols: "chat")),
            (400, "Host", WebSocketBytes.request(host: nil)),
            (426, "not for a WebSocket", WebSocketBytes.request(upgrade: nil)),
            (426, "not for a WebSocket", WebSocketBytes.request(upgrade: "h2c")),
            (426, "not for a WebSocket", WebSocketBytes.request(connection: "keep-alive")),
            (426, "version 13", WebSocketBytes.request(version: "8")),
            (426, "version 13", WebSocketBytes.request(version: nil)),
            (400, "Sec-WebSocket-Key", WebSocketBytes.request(key: nil)),
            (400, "Sec-WebSocket-Key", WebSocketBytes.request(key: "short")),
            (400, "Sec-WebSocket-Key", WebSocketBytes.request(others: ["Sec-WebSocket-Key: \(Self.key)"])),
            (404, "/other", WebSocketBytes.request("/other")),
            (405, "GET", WebSocketBytes.request(start: "POST / HTTP/1.1")),
            (505, "HTTP/1.1", WebSocketBytes.request(start: "GET / HTTP/1.0")),
            (400, "not HTTP", WebSocketBytes.request(start: "hello")),
            (400, "body", WebSocketBytes.request(others: ["Content-Length: 5"])),
            (400, "body", WebSocketBytes.request(others: ["Transfer-Encoding: chunked"])),
            (400, "colon", WebSocketBytes.request(others: ["no field"])),
            (400, "name", WebSocketBytes.request(others: ["na me: x"])),
            (400, "name", WebSocketBytes.request(others: [" folded: x"])),
            (400, "LF", Array("GET / HTTP/1.1\nHost: h\r\n\r\n".utf8)),
            (431, "exceeds", WebSocketBytes.request(others: ["X: " + String(repeating: "x", count: 9000)])),
            (400, "not HTTP", Wire.greeting()),
        ]
        for (status, word, request) in cases {
            let (text, last, _) = answer(request)
            #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(word): \(text)")
            #expect(text.contains("\r\nConnection: close\r\n"))
            guard case .failed(let reason) = last else {
                Issue.record("\(word): \(last)")
                continue
            }
            #expect(reason.contains(word) && reason.contains("\(status)"), "\(reason)")
            let body = text.components(separatedBy: "\r\n\r\n")
            #expect(text.contains("Content-Length: \(body[1].utf8.count)\r\n"), "\(text)")
        }
    }

    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    @Test("WS-5: the path is the endpoint's, whatever its query") func paths() {
        #expect(answer(WebSocketBytes.request("/a/b?x=/c"), path: "/a/b").last == .done)
        #expect(answer(WebSocketBytes.request("/a/b/"), path: "/a/b").last != .done)
        #expect(answer(WebSocketBytes.request("http://host/a"), path: "/a").last != .done)
    }

    @Test("WS-6: scripts connect from the origins of the list") func origins() {
        let request = WebSocketBytes.request(others: ["Origin: https://evil.example"])
        #expect(answer(request).last == .done)
        let (text, last, _) = answer(request) { $0.origins = ["https://good.example"] }
        #expect(text.hasPrefix("HTTP/1.1 403 "))
        #expect(last != .done)
        #expect(answer(request) { $0.origins = ["https://evil.example"] }.last == .done)
        #expect(answer(WebSocketBytes.request()) { $0.origins = [] }.last == .done)
    }

    @Test("WS-3: a client without a subprotocol is accepted where the option says so") func bare() {
        let request = WebSocketBytes.request(protocols: nil)
        let (text, last, _) = answer(request) { $0.otherClients = .binary }
        #expect(last == .done)
        #expect(!text.contains("Sec-WebSocket-Protocol"))
        #expect(answer(request, mechanism: "CURVE") { $0.otherClients = .binary }.last != .done)
    }

    @Test("a head of the largest size is read, and not one byte of what follows") func limit() {
        let short = WebSocketBytes.request()
        #expect(answer(short + [1, 2]) { $0.maxHeadSize = short.count }.taken == short.count)
        #expect(answer(short) { $0.maxHeadSize = short.count }.last == .done)
        #expect(answer(short) { $0.maxHeadSize = short.count - 1 }.text.hasPrefix("HTTP/1.1 431 "))
    }

    private func check(_ answer: String, _ change: (inout WebSocketSettings) -> Void = { _ in }) -> PreludeStep {
        let client = UpgradeClient(Self.settings(.client, path: "/p?q", change), nonce: Array("the sample nonce".utf8))
        return Self.run(client, Array((answer + "\r\n\r\n").utf8)).last
    }

    @Test("WS-7: a client checks the answer") func client() {
        let client = UpgradeClient(Self.settings(.client, path: "/p?q"), nonce: Array("the sample nonce".utf8))
        let request = String(decoding: Self.run(client, []).sent, as: UTF8.self)
        #expect(request.hasPrefix("GET /p?q HTTP/1.1\r\nHost: host:1\r\n"))
        #expect(request.contains("\r\nSec-WebSocket-Key: \(Self.key)\r\n"))
        #expect(request.contains("\r\nSec-WebSocket-Protocol: ZWS2.0/NULL,ZWS2.0\r\n"))
        let start = "HTTP/1.1 101 Switching Protocols"
        let upgrade = "\r\nUpgrade: WebSocket\r\nConnection: upgrade"
        let accept = "\r\nSec-WebSocket-Accept: \(WebSocketBytes.acceptance)"
        let name = "\r\nsec-websocket-protocol: ZWS2.0"
        #expect(check(start + upgrade + accept + name) == .done)
        let faults = [
            ("HTTP/1.1 403 No way" + upgrade + accept + name, "403 No way"), ("SSH-2.0-x", "HTTP"),
            (start + accept + name, "another protocol"), (start + upgrade + name, "Sec-WebSocket-Accept"),
            (start + upgrade + "\r\nSec-WebSocket-Accept: x" + name, "Sec-WebSocket-Accept"),
            (start + upgrade + accept, "no subprotocol"),
            (start + upgrade + accept + "\r\nSec-WebSocket-Protocol: chat", "chat"),
            (start + upgrade + accept + name + "\r\nSec-WebSocket-Extensions: x", "extension"),
            (start + "\r\nX: " + String(repeating: "x", count: 9000), "exceeds"), (start + "\u{1}", "malformed"),
        ]
        for (answer, word) in faults {
            guard case .failed(let reason) = check(answer) else {
                Issue.record("\(word) is accepted")
                continue
            }
            #expect(reason.contains(word), "\(reason)")
        }
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        var (parts, rest) = ([] as [String], self[...])
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
