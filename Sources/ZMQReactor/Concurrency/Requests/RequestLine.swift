/// Requests that wait to be sent, in the order in which they arrived.
///
/// One that has ended is passed over, and its place is given back at the latest when half of the line has ended.
struct RequestLine: ~Copyable {
    private var requests = RingBuffer<ClientRequest>()
    private var ended = 0

    /// Those that have not ended.
    var count: Int { requests.count - ended }
    var isEmpty: Bool { count == 0 }

    /// The memory that it uses, in requests.
    var length: Int { requests.count }

    mutating func append(_ request: ClientRequest) {
        request.place = .line
        requests.append(request)
    }

    /// Puts back a request that was taken out.
    mutating func putBack(_ request: ClientRequest) {
        request.place = .line
        requests.prepend(request)
    }

    mutating func popFirst() -> ClientRequest? {
        while let request = requests.popFirst() {
            guard request.place == .finished else { return request }
            ended -= 1
        }
        return nil
    }

    /// A request that is in the line has ended, whose place is `finished` now.
    mutating func requestEnded() {
        ended += 1
        guard ended > 16, ended > requests.count / 2 else { return }
        removeEnded()
    }

    private mutating func removeEnded() {
        for _ in 0..<requests.count {
            if let request = requests.popFirst(), request.place != .finished { requests.append(request) }
        }
        ended = 0
    }

    /// All that have not ended, in order.
    var all: [ClientRequest] {
        (0..<requests.count).map { requests[$0] }.filter { $0.place != .finished }
    }
}
