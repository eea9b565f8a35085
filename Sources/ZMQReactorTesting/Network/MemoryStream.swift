package import EventReactor
import Glibc
package import ZMQReactor

/// One end of a connection in memory, in the place of a descriptor: for tests, which say how the bytes are split, when
/// they stop, and when the connection breaks. Nothing waits for the operating system, and nothing happens but in the
/// turns of the reactors.
///
/// Rules, which are those of tcp:
/// * Readiness is a state, and is reported once per turn of the end's reactor.
/// * What has been written arrives even when the end that wrote it is closed.
/// * An end that is closed before it has read everything breaks the connection, as does what arrives afterwards.
package final class MemoryStream: ByteStreamSubstitute {
    private let reactor: Reactor
    package let outgoing: MemoryDirection
    package let incoming: MemoryDirection
    package let peerName: String
    private let whenClosed: () -> Void

    private var handler: (any ByteStreamHandler)?
    private var isScheduled = false
    private(set) var isClosed = false
    /// Which directions this end has ended.
    private var hasEndedWriting = false
    private var hasEndedReading = false

    package var interest: Readiness = [] { didSet { isReadyAgain() } }

    init(
        on reactor: Reactor,
        _ outgoing: MemoryDirection,
        _ incoming: MemoryDirection,
        peerName: String,
        whenClosed: @escaping () -> Void
    ) {
        (self.reactor, self.outgoing, self.incoming) = (reactor, outgoing, incoming)
        (self.peerName, self.whenClosed) = (peerName, whenClosed)
    }

    // MARK: Reading and writing

    private static func failing(_ number: CInt) -> Int {
        errno = number
        return -1
    }

    /// Whether no byte follows those that have arrived.
    private var isAtEnd: Bool { hasEndedReading || incoming.hasEnded }

    package func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        if incoming.waiting > 0 { return incoming.read(into: room) }
        guard !incoming.isReset else { return Self.failing(ECONNRESET) }
        return isAtEnd ? 0 : Self.failing(EAGAIN)
    }

    /// Whether a write fails for good.
    private var cannotWrite: Bool { incoming.isReset || hasEndedWriting || outgoing.isRefused }

    package func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard !cannotWrite else { return Self.failing(EPIPE) }
        guard outgoing.room > 0 else { return Self.failing(EAGAIN) }
        return outgoing.write(bytes)
    }

    package func shutdown(_ direction: CInt) {
        if direction != CInt(SHUT_RD) { endWriting() }
        if direction != CInt(SHUT_WR) {
            hasEndedReading = true
            incoming.refuse()
        }
        isReadyAgain()
    }

    private func endWriting() {
        guard !hasEndedWriting else { return }
        hasEndedWriting = true
        outgoing.end()
    }

    package func close() {
        guard !isClosed else { return }
        isClosed = true
        handler = nil
        interest = []
        endWriting()
        incoming.forgetReader()
        whenClosed()
    }

    // MARK: Readiness

    package func watch(for interest: Readiness, handler: any ByteStreamHandler) {
        self.handler = handler
        self.interest = interest
    }

    private var readiness: Readiness {
        var ready: Readiness = []
        if incoming.waiting > 0 || incoming.isReset || isAtEnd { ready.insert(.readable) }
        if cannotWrite || outgoing.room > 0 { ready.insert(.writable) }
        return ready
    }

    /// Something has changed that the handler may have to learn of, in the next turn.
    func isReadyAgain() {
        guard handler != nil, !isScheduled, !interest.isDisjoint(with: readiness) else { return }
        isScheduled = true
        reactor.inNextTurn(self)
    }

    /// The peer has broken the connection: what is on its way to it is lost.
    func canWriteNoMore() { outgoing.close() }

    // MARK: What is known

    package var unacknowledged: Int { incoming.isReset ? 0 : outgoing.bytesInTransit }

    package var hasUnreadBytes: Bool { incoming.waiting > 0 }
}

extension MemoryStream: OwnedHandler {
    package var handlerOwner: (any HandlerOwner)? { (handler as? any OwnedHandler)?.handlerOwner }
}

extension MemoryStream: NextTurnHandler {
    package func reactorTurnGoesOn() {
        isScheduled = false
        let ready = interest.intersection(readiness)
        if !ready.isEmpty { handler?.streamIsReady(for: ready) }
        isReadyAgain()
    }
}

// What a test writes and reads at its end of a stream.
extension MemoryStream {
    /// Writes the bytes; returns how many there was room for.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Int { max(bytes.withUnsafeBytes { write($0) }, 0) }

    /// Reads all that has arrived.
    package func takeAll() -> [UInt8] {
        var all: [UInt8] = []
        while incoming.waiting > 0 {
            all += [UInt8](unsafeUninitializedCapacity: incoming.waiting) { room, count in
                count = read(into: UnsafeMutableRawBufferPointer(room))
            }
        }
        return all
    }

    /// Whether the other end has ended its direction, or broken the connection, and everything has been read.
    package var hasEnded: Bool { incoming.waiting == 0 && (incoming.isReset || isAtEnd) }

    package var hasBeenReset: Bool { incoming.isReset }
}
