import Testing
import ZMQReactorTesting

@testable import ZMTP

/// The events that one engine found in its input, however that was split.
struct Transcript: Equatable {
    enum Item: Equatable {
        case request(Credentials, Metadata)
        case peer(Peer)
        case message([UInt8])
        case pong([UInt8])
        case failure(ProtocolError)
    }

    var items: [Item] = []
    var output: [UInt8] = []
    var batches = 0
    var calls = 0
    var largestMinimum = 0

    static func == (one: Self, other: Self) -> Bool { one.items == other.items && one.output == other.output }

    /// The commands among the messages that subscribe or cancel.
    var subscriptions: [Subscription] = []

    var messages: [[UInt8]] { items.compactMap { if case .message(let bytes) = $0 { bytes } else { nil } } }
    var credentials: Credentials? {
        items.lazy.compactMap { if case .request(let credentials, _) = $0 { credentials } else { nil } }.first
    }
    var pongs: [[UInt8]] { items.compactMap { if case .pong(let bytes) = $0 { bytes } else { nil } } }
    var peer: Peer? { items.lazy.compactMap { if case .peer(let peer) = $0 { peer } else { nil } }.first }
    var failure: ProtocolError? { if case .failure(let error) = items.last { error } else { nil } }
}

/// One engine and the connection around it.
struct Session: ~Copyable {
    var engine: Engine
    var transcript = Transcript()
    private var pending: [UInt8] = []
    private let limit: Int
    private let verdict: Verdict?
    private let report: (String) -> Void

    /// - Parameters:
    ///   - verdict: on peers to be authenticated; nil to leave them undecided.
    ///   - report: called with a rule that the engine breaks.
    init(
        _ configuration: Engine.Configuration,
        limit: Int = .max,
        verdict: Verdict? = .accepted(.anonymous),
        report: @escaping (String) -> Void = { Issue.record("\($0)") }
    ) {
        engine = Engine(configuration)
        transcript.output = engine.takeOutput()
        self.limit = limit
        self.verdict = verdict
        self.report = report
    }

    /// Passes `bytes` to the engine, behind its unconsumed input, in a buffer of exactly that size at a new address.
    mutating func feed(_ bytes: some Collection<UInt8>) {
        guard transcript.failure == nil else { return }
        pending += bytes
        let margin = transcript.calls % 7
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: margin + pending.count, alignment: 1)
        defer { buffer.deallocate() }
        UnsafeMutableRawBufferPointer(rebasing: buffer[margin...]).copyBytes(from: pending)
        var input = Input(base: buffer.baseAddress!, start: margin, end: margin + pending.count)
        drain(&input)
        pending = [UInt8](buffer[input.start..<input.end])
    }

    /// Lets the engine parse all of `input`.
    mutating func drain(_ input: inout Input) {
        while true {
            let before = input
            let transform = engine.transform
            do {
                let event = try engine.next(&input, limit: limit)
                transcript.output += sealed(engine.takeOutput(), transform)
                transcript.calls += 1
                check(input.start >= before.start && input.start <= input.end && input.end <= before.end, "bounds")
                switch event {
                case .needsInput(let minimum):
                    check(minimum > input.count, "needs \(minimum), has \(input.count)")
                    transcript.largestMinimum = max(transcript.largestMinimum, minimum)
                    return
                case .undecided:
                    guard let request = engine.takeRequest() else {
                        return check(input.start == before.start, "undecided, and input consumed")
                    }
                    transcript.items.append(.request(request.credentials, request.metadata))
                    if let verdict { engine.decide(verdict) }
                case .handshakeCompleted(let peer):
                    transcript.items.append(.peer(peer))
                case .messages(let start, let end, let count):
                    transcript.batches += 1
                    check(before.start <= start && start < end && end <= input.start, "a batch outside the input")
                    check((1...limit).contains(count), "\(count) messages, \(limit) allowed")
                    split(input.base + start, end - start, count)
                case .subscription(let subscription, let start, let end):
                    transcript.batches += 1
                    transcript.subscriptions.append(subscription)
                    check(
                        before.start <= start && start < end && end <= input.start,
                        "a subscription outside the input"
                    )
                    let header = FrameHeader(trusted: input.base + start)
                    check(
                        input.base.load(fromByteOffset: start + header.size, as: UInt8.self) == subscription.rawValue,
                        "another subscription"
                    )
                    split(input.base + start, end - start, 1)
                case .commands(let count):
                    check((1...limit).contains(count), "\(count) commands, \(limit) allowed")
                case .part(let work):
                    check((1...MessageScanner.framesAtOnce / 16).contains(work), "the work of \(work) messages at once")
                case .bytes:
                    check(false, "bytes without a protocol")
                case .pong(let start, let end):
                    transcript.items.append(
                        .pong([UInt8](UnsafeRawBufferPointer(start: input.base + start, count: end - start)))
                    )
                }
            } catch {
                transcript.output += sealed(engine.takeOutput(), transform)
                transcript.items.append(.failure(error))
                return
            }
        }
    }

    /// The bytes that are sent for the engine's output.
    private func sealed(_ output: [UInt8], _ transform: (any MessageTransform)?) -> [UInt8] {
        guard let transform, transform.sealsCommands else { return output }
        return transform.sealed(output)
    }

    /// Answers the engine's question.
    mutating func decide(_ verdict: Verdict) {
        engine.decide(verdict)
        feed([])
    }

    /// The bytes that are sent for complete frames of messages.
    func send(_ frames: [UInt8]) -> [UInt8] { engine.transform?.sealed(frames) ?? frames }

    private mutating func split(_ batch: UnsafeMutableRawPointer, _ size: Int, _ count: Int) {
        var offset = 0
        for _ in 0..<count {
            let start = offset
            while offset < size {
                let header = FrameHeader(trusted: batch + offset)
                offset += header.frameSize
                check(!header.isCommand, "a command in a batch")
                if !header.hasMore { break }
            }
            transcript.items.append(
                .message([UInt8](UnsafeRawBufferPointer(start: batch + start, count: offset - start)))
            )
        }
        check(offset == size, "a batch of \(size) bytes has messages of \(offset)")
    }

    private func check(_ condition: Bool, _ what: @autoclosure () -> String) {
        if !condition { report(what()) }
    }
}

extension Engine.Configuration {
    static func connecting(
        _ type: SocketType,
        identity: [UInt8] = [],
        legacy: Bool = false,
        _ mechanism: Mechanism = .null
    ) -> Self {
        var configuration = Self.accepting(type, identity: identity, legacy: legacy, mechanism)
        configuration.role = .connecting
        return configuration
    }

    static func accepting(
        _ type: SocketType,
        identity: [UInt8] = [],
        legacy: Bool = false,
        _ mechanism: Mechanism = .null
    ) -> Self {
        Self(
            socketType: type,
            role: .accepting,
            mechanism: mechanism,
            identity: identity,
            acceptsLegacyPeers: legacy
        )
    }
}

/// The events of an engine when `input` arrives in these pieces; the rest arrives last.
func transcript(
    _ configuration: Engine.Configuration,
    _ input: [UInt8],
    pieces: [Int] = [],
    limit: Int = .max,
    verdict: Verdict? = .accepted(.anonymous),
    report: @escaping (String) -> Void = { Issue.record("\($0)") }
) -> Transcript {
    var session = Session(configuration, limit: limit, verdict: verdict, report: report)
    var rest = input[...]
    for piece in pieces {
        session.feed(rest.prefix(piece))
        rest = rest.dropFirst(piece)
    }
    session.feed(rest)
    return session.transcript
}

/// The events of an engine for `input` after a handshake.
func traffic(
    _ input: [UInt8],
    to type: SocketType = .pull,
    from peer: SocketType = .push,
    minor: UInt8 = 1,
    maxMessageSize: Int = .max,
    limit: Int = .max
) -> Transcript {
    var configuration = Engine.Configuration.accepting(type)
    configuration.maxMessageSize = maxMessageSize
    return transcript(configuration, Wire.greeting(minor: minor) + Wire.ready(peer) + input, limit: limit)
}

/// Connects two sessions until neither has more output.
func join(_ one: inout Session, _ other: inout Session) {
    var (sent, received) = (0, 0)
    while true {
        let forward = one.transcript.output.dropFirst(sent)
        let backward = other.transcript.output.dropFirst(received)
        if forward.isEmpty && backward.isEmpty { break }
        sent += forward.count
        received += backward.count
        other.feed(forward)
        one.feed(backward)
    }
}

extension MessageTransform {
    /// The bytes that are sent for complete frames.
    func sealed(_ frames: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var isAll = true
        frames.withUnsafeBytes { isAll = seal($0, to: &output, limit: .max) { _, _ in } }
        #expect(isAll)
        return output
    }
}
