import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

/// A connection's buffer and its engine, read in pieces: the messages are those of the whole, and do not change while
/// the buffer is used further.
///
/// Input: seed of the splits, switches (1: a slow handler keeps messages); then the bytes of a 3.1 PUSH behind its
/// handshake.
let fuzzInputBuffer: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let seed = input.byte()
    let holds = input.byte() & 1 != 0
    let session = Wire.greeting() + Wire.ready("PUSH") + input.rest
    let whole = Connection.read(session, pieces: [session.count], holds: false)
    for pieces in Cuts.of(session.count, seed: seed) {
        let cut = Connection.read(session, pieces: pieces, holds: holds)
        if cut != whole { return "cut into \(pieces): \(cut); whole: \(whole)" }
    }
    return nil
}

/// A connection without a descriptor.
private struct Connection: ~Copyable {
    private var engine = Engine(.init(socketType: .pull, role: .accepting, maxMessageSize: 1 << 20))
    private var buffer = InputBuffer(pool: ChunkPool())
    private var found: [String] = []
    private var held: [Message] = []
    private let holds: Bool

    private init(holds: Bool) {
        self.holds = holds
    }

    static func read(_ bytes: [UInt8], pieces: [Int], holds: Bool) -> [String] {
        var connection = Connection(holds: holds)
        var rest = bytes[...]
        for piece in pieces {
            connection.take(rest.prefix(piece))
            rest = rest.dropFirst(piece)
        }
        for message in connection.held { connection.found.append(describe(message)) }
        return connection.found.filter { $0.hasPrefix("message") }
            + connection.found.filter { !$0.hasPrefix("message") }
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty, found.last?.hasPrefix("end") != true {
            let memory: UnsafeMutableRawBufferPointer? = buffer.prepareToRead()
            guard let room = memory else { fatalError("no memory") }
            let part = rest.prefix(room.count)
            room.copyBytes(from: part)
            buffer.didRead(part.count)
            rest = rest.dropFirst(part.count)
            drain()
        }
    }

    private mutating func drain() {
        while !buffer.isEmpty {
            do {
                switch try engine.next(&buffer.window, limit: 3) {
                case .messages(let start, let end, let count):
                    var batch = MessageBatch(chunk: buffer.chunk!, start: start, end: end, count: count)
                    while let message = batch.next() {
                        if holds { held.append(message) } else { found.append(Self.describe(message)) }
                    }
                case .subscription(let subscription, let start, let end):
                    var batch = MessageBatch(chunk: buffer.chunk!, start: start, end: end, count: 1)
                    let command = PeerCommand(subscription, as: batch.next()!)
                    if holds { held.append(command.message) } else { found.append(Self.describe(command.message)) }
                case .handshakeCompleted(let peer): found.append("peer \(peer.socketType)")
                case .needsInput(let minimum):
                    return ignore(buffer.settle(wanted: minimum, hasMovedBytes: engine.hasMovedBytes))
                case let other:
                    // The number of commands handled at a time depends on the splits; the PONGs received do not.
                    if case .pong = other { found.append("pong") }
                }
            } catch {
                found.append("end: \(error)")
                return buffer.removeAll()
            }
        }
        ignore(buffer.settle(wanted: 0))
    }

    private static func describe(_ message: Message) -> String {
        "message " + message.map { hexadecimal([UInt8]($0)) }.joined(separator: ",")
    }
}

/// Whether there is memory for a rest is not checked where there is enough.
private func ignore<Result>(_ result: Result) {}
