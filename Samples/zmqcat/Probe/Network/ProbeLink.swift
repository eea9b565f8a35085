import Glibc
import ZMQReactor

/// A connection of the probe, with waits that end.
final class ProbeLink {
    let descriptor: CInt
    private let reactor: Reactor

    private init(_ descriptor: CInt, on reactor: Reactor) {
        self.descriptor = descriptor
        self.reactor = reactor
    }

    deinit { close(descriptor) }

    /// Connects to an address.
    static func open(
        _ address: ProbeAddress,
        within limit: Duration,
        on reactor: Reactor
    ) async throws(Complaint) -> ProbeLink {
        let descriptor = socket(
            address.family,
            CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw Complaint(String(cString: strerror(errno))) }
        let link = ProbeLink(descriptor, on: reactor)
        let result = address.bytes.withUnsafeBytes { bytes in
            connect(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        if result == 0 { return link }
        guard errno == EINPROGRESS else { throw Complaint(Self.sentence(errno)) }
        guard await link.isReady(for: .writable, within: limit) else { throw Complaint("no answer") }
        var code: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else { throw Complaint(Self.sentence(code)) }
        return link
    }

    private static func sentence(_ code: CInt) -> String {
        switch code {
        case ECONNREFUSED: "connection refused: nothing listens there"
        case ENOENT: "there is no such file"
        case EACCES: "permission denied"
        default: String(cString: strerror(code)).lowercased()
        }
    }

    /// Waits until the descriptor is ready; false if that takes too long.
    private func isReady(for interest: Readiness, within limit: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            let first = FirstResult(continuation)
            var watcher: FileDescriptorWatcher?
            let timer = reactor.after(limit) { _ in
                watcher?.cancel()
                first.end(false)
            }
            watcher = try? reactor.watch(descriptor, for: interest) { watcher, _ in
                watcher.cancel()
                timer.cancel()
                first.end(true)
            }
        }
    }

    /// Holds a conversation to its end, and measures the time between a PING in it and its PONG.
    ///
    /// - Parameters:
    ///   - pause: how long a silence may be before the conversation is told.
    ///   - limit: how long all of it may take.
    func hold<C: Conversation>(_ conversation: C, pause: Duration, within limit: Duration) async -> (
        Findings, Duration?
    ) {
        var conversation = conversation
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let end = ContinuousClock.now + limit
        var (pinged, roundTrip): (ContinuousClock.Instant?, Duration?)
        while conversation.findings.end == nil {
            let output = conversation.output
            conversation.output = []
            if pinged == nil, conversation.findings.hasAnsweredPing == false { pinged = .now }
            // A few hundred bytes, for which a new connection has room. A failure shows when reading.
            _ = output.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard ContinuousClock.now < end else {
                while conversation.findings.end == nil { conversation.waited() }
                break
            }
            guard await isReady(for: .readable, within: pause) else {
                conversation.waited()
                continue
            }
            let count = read(descriptor, &bytes, bytes.count)
            if count > 0 {
                conversation.receive(bytes[..<count])
                if let pinged, conversation.findings.hasAnsweredPing == true { roundTrip = .now - pinged }
            } else if count == 0 || errno != EAGAIN && errno != EINTR {
                conversation.closed()
            }
        }
        return (conversation.findings, roundTrip)
    }
}
