import EventReactor
import Glibc
import ZMTP

/// A byte stream whose bytes pass through a codec, over another stream. What it carries appears to the connection as
/// the bytes of the protocol; what only concerns the codec happens here.
///
///     prelude ──▶ open ──▶ closed
///
/// Rules:
/// * During the prelude nothing can be read or written, as if there were no room and nothing had arrived.
/// * Reading decodes what one read has brought, into the same memory. What does not fit, or costs more than its bytes,
///   is kept and goes on in the next turn.
/// * Writing encodes into one chunk at a time, which the loop's pool lends. What the other stream does not take stays
///   in it, and counts as unacknowledged: the connection does not end before it has left.
/// * What the codec answers leaves as soon as there is room. While there is none, it stays with the codec, which bounds it.
/// * A fault in the peer's bytes is reported behind what has been decoded before it.
final class CodecStream: ByteStreamSubstitute {
    enum Phase {
        /// The next step wants so many bytes.
        case prelude(wants: Int)
        case open
        case closed
    }

    let reactor: Reactor
    /// It is never replaced. It is a variable because its prelude has mutating methods.
    var codec: any StreamCodec
    let pool: ChunkPool
    var inner: ByteStream
    var handler: (any ByteStreamHandler)?
    var phase = Phase.prelude(wants: 0)

    /// What has arrived during the prelude, and how much of it the steps have taken.
    var held: [UInt8] = []
    var heldStart = 0
    /// Whether the prelude waits for its turn, see `CostlyHandshakes`.
    var waitsForTurn = false
    /// Whether it waits until a turn has time for what begins or ends.
    var waitsForChurn = false

    /// Why the codec has ended reading.
    var ownFault: EventReason?
    /// The number of the error that has ended reading, 0 for the end of the stream; nil while it goes on.
    var endOfInput: CInt?

    /// What has been encoded and has not left.
    var chunk: Chunk?
    var left = 0
    var filled = 0
    /// What waits for room in the chunk.
    var waiting: [UInt8] = []
    /// The number of the error that has ended writing; 0 while it goes on.
    var writeError: CInt = 0
    /// Whether the other stream's direction ends when everything has left.
    var endsWriting = false
    var isScheduled = false

    /// What the connection watches for.
    var interest: Readiness = [] {
        didSet {
            updateInner()
            if !news.isEmpty { schedule() }
        }
    }

    init(over inner: consuming ByteStream, _ codec: any StreamCodec, on reactor: Reactor) {
        self.inner = inner
        (self.codec, self.reactor) = (codec, reactor)
        pool = ChunkPool.of(reactor)
    }

    static func failing(_ number: CInt) -> Int {
        errno = number
        return -1
    }

    // MARK: The end

    func shutdown(_ direction: CInt) {
        guard direction == CInt(SHUT_WR) else {
            dropOutput()
            return inner.shutdown(Int(direction))
        }
        codec.close(because: nil)
        queue(codec.takeControl())
        endsWriting = true
        drain()
    }

    func prepareToClose(because reason: EventReason) {
        guard case .open = phase else { return }
        codec.close(because: reason)
        sayControl()
    }

    func close() {
        phase = .closed
        handler = nil
        dropOutput()
        inner.close()
    }

    /// The prelude is in vain, or what follows it.
    func fail(_ reason: EventReason) {
        ownFault = reason
        updateInner()
        schedule()
    }

    /// Nothing more arrives.
    func inputEnded(_ number: CInt) {
        endOfInput = number
        updateInner()
        schedule()
    }

    // MARK: What is known

    var fault: EventReason? { ownFault ?? inner.fault }

    var heldBytes: Int { codec.heldBytes + inner.heldBytes }

    var hasHeartbeat: Bool { true }

    func ping() -> Bool {
        codec.ping()
        sayControl()
        return true
    }

    var peerName: String { inner.peerName }
    var peerHost: String? { inner.peerHost }
    var unacknowledged: Int { inner.unacknowledged + filled - left + waiting.count }
    var hasUnreadBytes: Bool { codec.hasKept || inner.hasUnreadBytes }
}
