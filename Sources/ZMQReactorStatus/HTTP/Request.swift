import ZMTP

// Requests for a page: HTTP/1.1 and 1.0 (RFC 9112), GET and HEAD, without a body.
//
//   The head has at most `headLimit` bytes and `fieldLimit` fields, and a connection carries one request: what follows
//   its head is ignored. A request that is anything else gets the status that names its fault.

/// A request that is well-formed.
struct Request: Equatable {
    /// The most bytes of a head.
    static let headLimit = 8192
    /// The most header fields.
    static let fieldLimit = 100

    /// Whether the answer has no body: HEAD.
    let isHead: Bool
    /// Without the query.
    let path: String
    /// The host that the browser means, with a port if it names one; nil in HTTP/1.0 only.
    let host: String?

    /// - Throws: why the request is refused.
    init(_ head: HTTPHead) throws(RequestFault) {
        guard head.start.count == 3, head.start[2].hasPrefix("HTTP/") else {
            throw RequestFault(.badRequest, "the request is malformed: it is not HTTP")
        }
        let version = head.start[2]
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
            throw RequestFault(.badVersion, "the request is not of HTTP/1.1")
        }
        guard head.fieldCount <= Self.fieldLimit else {
            throw RequestFault(.headTooLarge, "the request has more than \(Self.fieldLimit) header fields")
        }
        guard head.start[0] == "GET" || head.start[0] == "HEAD" else {
            throw RequestFault(.badMethod, "the page is only read: GET or HEAD")
        }
        guard !head.has("transfer-encoding"), !head.has("content-length") || head["content-length"] == "0" else {
            throw RequestFault(.bodyTooLarge, "the request has a body")
        }
        let field = head["host"]
        guard field != nil || version == "HTTP/1.0" && !head.has("host") else {
            throw RequestFault(.badRequest, "the request has not one Host")
        }
        isHead = head.start[0] == "HEAD"
        var target = head.start[1][...]
        // The form for proxies, which every server accepts: its host counts.
        if target.lowercased().hasPrefix("http://") {
            let rest = target.dropFirst("http://".count)
            host = String(rest.prefix { $0 != "/" && $0 != "?" })
            target = rest.drop { $0 != "/" }
            if target.isEmpty { target = "/" }
        } else {
            host = field
        }
        guard target.hasPrefix("/") else { throw RequestFault(.badRequest, "the request has no path") }
        path = String(target.prefix { $0 != "?" && $0 != "#" })
    }
}

/// Why a request is refused.
struct RequestFault: Error, Equatable {
    let status: HTTPStatus
    /// A sentence for the answer. Nothing of the request is in it.
    let reason: String

    init(_ status: HTTPStatus, _ reason: String) { (self.status, self.reason) = (status, reason) }
}

/// Takes the bytes of a request as they arrive.
struct RequestReader {
    private var reader = HTTPHeadReader(limit: Request.headLimit)

    /// Returns the request when it is whole, and nil before that.
    ///
    /// - Throws: why it is refused. Nothing more is to be passed then.
    mutating func receive(_ bytes: some Collection<UInt8>) throws(RequestFault) -> Request? {
        guard let head = try head(with: Array(bytes)) else { return nil }
        return try Request(head)
    }

    private mutating func head(with arrived: [UInt8]) throws(RequestFault) -> HTTPHead? {
        do throws(HTTPHead.Fault) {
            let portion = reader.portion(of: arrived[...])
            try reader.add(Array(arrived.prefix(portion)))
            return reader.missing == 0 ? try HTTPHead(reader.bytes) : nil
        } catch {
            switch error {
            case .malformed(let what): throw RequestFault(.badRequest, "the request is malformed: \(what)")
            case .tooLarge(let limit): throw RequestFault(.headTooLarge, "the request exceeds \(limit) bytes")
            }
        }
    }
}
