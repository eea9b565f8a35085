/// The statuses of answers.
enum HTTPStatus: Int {
    case ok = 200
    case badRequest = 400
    case forbidden = 403
    case notFound = 404
    case badMethod = 405
    case timeout = 408
    case bodyTooLarge = 413
    case headTooLarge = 431
    case badVersion = 505

    var phrase: String {
        switch self {
        case .ok: "OK"
        case .badRequest: "Bad Request"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .badMethod: "Method Not Allowed"
        case .timeout: "Request Timeout"
        case .bodyTooLarge: "Content Too Large"
        case .headTooLarge: "Request Header Fields Too Large"
        case .badVersion: "HTTP Version Not Supported"
        }
    }
}

/// An answer, the only one on its connection.
struct Response {
    var status = HTTPStatus.ok
    var type = "text/plain; charset=utf-8"
    var body: [UInt8]

    /// What a browser may do with an answer: run our script and no other, ask this server and no other, keep nothing,
    /// show the page in no other page, and give nothing to the scripts of other pages.
    private static let restrictions = [
        "Cache-Control: no-store",
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy: same-origin",
        "Cross-Origin-Resource-Policy: same-origin",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
    ]

    /// The bytes to send.
    ///
    /// - Parameter withBody: false for the answer to a HEAD, which still has the length of the body.
    func encoded(withBody: Bool = true) -> [UInt8] {
        var lines = [
            "HTTP/1.1 \(status.rawValue) \(status.phrase)", "Content-Type: \(type)", "Content-Length: \(body.count)",
            "Connection: close",
        ]
        if status == .badMethod { lines.append("Allow: GET, HEAD") }
        lines += Self.restrictions
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (withBody ? body : [])
    }
}

extension Response {
    init(_ refusal: RequestFault) {
        self.init(status: refusal.status, body: Array("\(refusal.reason)\n".utf8))
    }
}
