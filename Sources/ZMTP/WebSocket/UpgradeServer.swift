// The server's side of the opening handshake of a WebSocket (RFC 6455, section 4.2).
//
//   WS-4  A request that is no upgrade to ZWS is answered with the HTTP status that names its fault, and the connection
//         ends. No fault is answered with 101.
//   WS-5  The path must be that of the endpoint; a query behind it is ignored.
//   WS-6  A browser's request comes from one of the origins of the endpoint, where it has a list of them.

/// The answer to one request.
package struct UpgradeServer: Prelude {
    private let settings: WebSocketSettings
    private var reader: HTTPHeadReader
    /// What follows the answer.
    private var verdict: PreludeStep?

    /// What has been agreed on, once it is done.
    package private(set) var dialect = WebSocketDialect.commands

    package init(_ settings: WebSocketSettings) {
        self.settings = settings
        reader = HTTPHeadReader(limit: settings.maxHeadSize)
    }

    package mutating func start() -> PreludeStep { .read(reader.missing) }

    package func portion(of arrived: ArraySlice<UInt8>, wanted: Int) -> Int {
        wanted == 0 ? 0 : reader.portion(of: arrived)
    }

    package mutating func receive(_ bytes: [UInt8]) -> PreludeStep {
        if let verdict { return verdict }
        do {
            try reader.add(bytes)
            guard reader.missing == 0 else { return .read(reader.missing) }
            return accept(try HTTPHead(reader.bytes))
        } catch {
            switch error {
            case .malformed(let what): return refuse(.badRequest, "the request is malformed: \(what)")
            case .tooLarge(let limit): return refuse(.headTooLarge, "the request exceeds \(limit) bytes")
            }
        }
    }

    private mutating func accept(_ head: HTTPHead) -> PreludeStep {
        if let (status, reason) = fault(of: head) { return refuse(status, reason) }
        var lines = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: \(WebSocketKey.acceptance(of: head["sec-websocket-key"] ?? ""))",
        ]
        let offers = head.list("sec-websocket-protocol")
        if offers.isEmpty {
            guard settings.otherClients != .none else {
                let names = WebSocketDialect.names(for: settings.mechanism).joined(separator: " or ")
                return refuse(.badRequest, "the client offers no subprotocol; \(names) is needed")
            }
            guard settings.mechanism == "NULL" else {
                return refuse(.badRequest, "the client offers no subprotocol, and so no \(settings.mechanism)")
            }
            dialect = .bare
        } else {
            let name = offers.first { WebSocketDialect($0, mechanism: settings.mechanism) != nil }
            guard let name, let dialect = WebSocketDialect(name, mechanism: settings.mechanism) else {
                let theirs = printable(offers.joined(separator: ", ").utf8.prefix(200))
                let ours = WebSocketDialect.names(for: settings.mechanism).joined(separator: " or ")
                return refuse(.badRequest, "the client offers the subprotocols \(theirs), and not \(ours)")
            }
            self.dialect = dialect
            lines.append("Sec-WebSocket-Protocol: \(name)")
        }
        verdict = .done
        return .send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8), thenRead: 0)
    }

    /// What is wrong with the request, apart from its subprotocols.
    private func fault(of head: HTTPHead) -> (HTTPStatus, String)? {
        guard head.start.count == 3, head.start[2].hasPrefix("HTTP/") else {
            return (.badRequest, "the request is malformed: it is not HTTP")
        }
        guard head.start[2] == "HTTP/1.1" else { return (.badVersion, "the request is not of HTTP/1.1") }
        guard head.start[0] == "GET" else { return (.badMethod, "the request is not a GET") }
        let path = head.start[1].prefix { $0 != "?" }
        guard path == settings.path.prefix(while: { $0 != "?" }) else {
            return (.notFound, "the request is for the path \(printable(path.utf8.prefix(200)))")
        }
        guard head["host"] != nil else { return (.badRequest, "the request has no Host") }
        guard head.list("upgrade", contains: "websocket"), head.list("connection", contains: "upgrade") else {
            return (.upgradeRequired, "the request is not for a WebSocket")
        }
        guard head["sec-websocket-version"] == "13" else {
            return (.upgradeRequired, "the request is not for version 13 of WebSocket")
        }
        guard let key = head["sec-websocket-key"], Base64.isKey(key) else {
            return (.badRequest, "the request has no Sec-WebSocket-Key of 16 bytes")
        }
        let hasBody = head.has("transfer-encoding") || head.has("content-length") && head["content-length"] != "0"
        guard !hasBody else { return (.badRequest, "the request has a body") }
        guard let origins = settings.origins, head.has("origin") else { return nil }
        let origin = head["origin"] ?? ""
        if origins.contains(origin) { return nil }
        return (.forbidden, "scripts from \(printable(origin.utf8.prefix(200))) are not allowed to connect")
    }

    private mutating func refuse(_ status: HTTPStatus, _ reason: String) -> PreludeStep {
        verdict = .failed("\(reason) (answered with \(status.rawValue))")
        let body = "\(reason)\n"
        var lines = [
            "HTTP/1.1 \(status.rawValue) \(status.phrase)", "Connection: close",
            "Content-Type: text/plain; charset=utf-8", "Content-Length: \(body.utf8.count)",
        ]
        switch status {
        case .upgradeRequired: lines += ["Upgrade: websocket", "Sec-WebSocket-Version: 13"]
        case .badMethod: lines.append("Allow: GET")
        default: break
        }
        return .send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8), thenRead: 0)
    }
}

/// The statuses with which an upgrade is refused.
enum HTTPStatus: Int {
    case badRequest = 400
    case forbidden = 403
    case notFound = 404
    case badMethod = 405
    case upgradeRequired = 426
    case headTooLarge = 431
    case badVersion = 505

    var phrase: String {
        switch self {
        case .badRequest: "Bad Request"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .badMethod: "Method Not Allowed"
        case .upgradeRequired: "Upgrade Required"
        case .headTooLarge: "Request Header Fields Too Large"
        case .badVersion: "HTTP Version Not Supported"
        }
    }
}
