package import EventReactor
import Glibc

/// One end of a byte stream in memory, in the place of a descriptor: for tests, which say how the bytes are cut up, when they stop, and when
/// the connection breaks. Nothing waits for the operating system, and nothing happens but in the turns of the reactor.
///
/// Rules:
/// * What one end writes has arrived at the other at once, up to `capacity` bytes that have not been read.
/// * Readiness is a state, and is reported once per turn.
/// * Both ends live on one reactor.
package final class MemoryStream: ByteStreamSubstitute {
    private let reactor: Reactor
    private weak var other: MemoryStream?

    /// The bytes that may wait at this end.
    private let capacity: Int

    /// What has arrived and not been read, from `start` on.
    private var arrived: [UInt8] = []
    private var start = 0

    private var handler: (any ByteStreamHandler)?
    private var isScheduled = false
    private var isClosed = false
    /// Which directions this end has ended.
    private var hasEndedWriting = false
    private var hasEndedReading = false
    private var isReset = false

    package let peerName: String

    /// The most that each of the next reads takes, and each of the next writes; when a list is used up, there is no limit.
    package var readSizes: [Int] = []
    package var writeSizes: [Int] = []

    /// Nothing reaches this end for the time being. What is written to it waits, unacknowledged.
    package var isStalled = false {
        didSet {
            isReadyAgain()
            other?.isReadyAgain()
        }
    }

    package var interest: Readiness = [] { didSet { isReadyAgain() } }

    private init(on reactor: Reactor, capacity: Int, peerName: String) {
        (self.reactor, self.capacity, self.peerName) = (reactor, capacity, peerName)
    }

    /// The two ends of a stream.
    ///
    /// - Parameter capacity: the most that may wait at an end to be read.
    package static func pair(on reactor: Reactor, capacity: Int = 1 << 16) -> (MemoryStream, MemoryStream) {
        let near = MemoryStream(on: reactor, capacity: capacity, peerName: "memory")
        let far = MemoryStream(on: reactor, capacity: capacity, peerName: "memory")
        (near.other, far.other) = (far, near)
        return (near, far)
    }

    /// The connection breaks: what has arrived and not been read is lost at both ends.
    package func reset() {
        for end in [self, other] {
            end?.isReset = true
            end?.forgetArrived()
            end?.isReadyAgain()
        }
    }

    // MARK: Reading and writing

    private var waiting: Int { arrived.count - start }

    private func forgetArrived() { (arrived, start) = ([], 0) }

    private static func failing(_ number: CInt) -> Int {
        errno = number
        return -1
    }

    /// Whether no byte follows those that have arrived.
    private var isAtEnd: Bool { hasEndedReading || (other.map { $0.hasEndedWriting || $0.isClosed } ?? true) }

    package func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        guard !isReset else { return Self.failing(ECONNRESET) }
        guard !isStalled else { return Self.failing(EAGAIN) }
        guard waiting > 0 else { return isAtEnd ? 0 : Self.failing(EAGAIN) }
        let limit = readSizes.isEmpty ? Int.max : readSizes.removeFirst()
        let count = min(room.count, waiting, limit)
        room.copyBytes(from: arrived[start..<start + count])
        start += count
        if waiting == 0 { forgetArrived() }
        other?.isReadyAgain()
        return count
    }

    /// Where a write finds an end that takes bytes.
    private var target: MemoryStream? {
        guard !isReset, !hasEndedWriting, let other, !other.isClosed, !other.hasEndedReading else { return nil }
        return other
    }

    package func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let target else { return Self.failing(EPIPE) }
        let room = target.capacity - target.waiting
        guard room > 0 else { return Self.failing(EAGAIN) }
        let limit = writeSizes.isEmpty ? Int.max : writeSizes.removeFirst()
        let count = min(bytes.count, room, limit)
        target.arrived += bytes.prefix(count)
        target.isReadyAgain()
        return count
    }

    package func shutdown(_ direction: CInt) {
        if direction != CInt(SHUT_RD) { hasEndedWriting = true }
        if direction != CInt(SHUT_WR) { hasEndedReading = true }
        other?.isReadyAgain()
        isReadyAgain()
    }

    package func close() {
        isClosed = true
        handler = nil
        interest = []
        other?.isReadyAgain()
    }

    // MARK: Readiness

    package func watch(for interest: Readiness, handler: any ByteStreamHandler) {
        self.handler = handler
        self.interest = interest
    }

    private var readiness: Readiness {
        var ready: Readiness = []
        if isReset || !isStalled && (waiting > 0 || isAtEnd) { ready.insert(.readable) }
        if target.map({ $0.waiting < $0.capacity }) ?? true { ready.insert(.writable) }
        return ready
    }

    /// Something has changed that may have to be reported to the handler, in the next turn.
    private func isReadyAgain() {
        guard handler != nil, !isScheduled, !interest.isDisjoint(with: readiness) else { return }
        isScheduled = true
        reactor.inNextTurn(self)
    }

    // MARK: What is known

    package var unacknowledged: Int { other.map { $0.isStalled ? $0.waiting : 0 } ?? 0 }

    package var hasUnreadBytes: Bool { !isStalled && waiting > 0 }
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
        defer {
            forgetArrived()
            other?.isReadyAgain()
        }
        return Array(arrived[start...])
    }

    /// Whether the other end has ended its direction.
    package var hasEnded: Bool { isAtEnd }
}
