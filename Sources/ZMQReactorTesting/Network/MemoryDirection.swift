import EventReactor
import Glibc

/// One direction of a ``MemoryConnection``: what one end writes and the other reads. A test says how long bytes take,
/// when they stop and how they are split.
///
/// Bytes arrive in order. They are written as long as fewer than ``capacity`` bytes have not been read.
public final class MemoryDirection {
    /// How a stream of bytes is split into reads and writes.
    public enum Split: Sendable, Equatable {
        /// Not at all: each read takes all there is.
        case none
        /// Each read and each write takes at most this many bytes, 1 or more.
        case atMost(Int)
        /// Each read and each write takes at most a random number of bytes from 1 to this one, which depends on the
        /// seed of the scene.
        case random(upTo: Int)
    }

    /// How long bytes take from now on; default ``MemoryNetwork/delay``. Bytes never overtake others.
    public var delay: Duration

    /// Whether nothing arrives for the time being, as on a line that is cut. What is written waits for the end of the
    /// stall.
    public var isStalled = false { didSet { if !isStalled { arrive() } } }

    /// How bytes are split; default ``MemoryNetwork/split``.
    public var split: Split

    /// The most bytes that may be on their way or wait to be read.
    public let capacity: Int

    /// The number of bytes that have been written to this direction.
    public private(set) var bytesWritten = 0

    /// The number of bytes that have been read from it.
    public private(set) var bytesRead = 0

    /// The most that each of the next reads takes, and each of the next writes, ahead of ``split``.
    package var readSizes: [Int] = []
    package var writeSizes: [Int] = []

    /// Everything that has been written, when the network records it.
    package private(set) var record: [UInt8]?

    private enum Item {
        case bytes([UInt8])
        /// The writing end is done.
        case end
        /// The writing end has broken the connection.
        case reset
    }

    /// What is on its way, from `first` on.
    private var transit: [(due: Int64, item: Item)] = []
    private var first = 0
    private(set) var bytesInTransit = 0
    private var timer: ReactorTimer?
    private let reactor: Reactor

    /// What has arrived and not been read, from `start` on.
    private var arrived: [UInt8] = []
    private var start = 0
    private(set) var hasEnded = false
    private(set) var isReset = false
    private var isClosed = false
    /// The reading end takes no more.
    private(set) var isRefused = false

    /// The end that reads, and the one that writes.
    private weak var reader: MemoryStream?
    private weak var writer: MemoryStream?

    /// The reading end is closed: what arrives from now on breaks the connection.
    private var hasReader = true
    /// The other direction.
    weak var reverse: MemoryDirection?

    init(in network: MemoryNetwork) {
        delay = network.delay
        split = network.split
        capacity = network.capacity
        reactor = network.reactor
        record = network.keepsRecords ? [] : nil
    }

    func join(from writer: MemoryStream, to reader: MemoryStream, reverse: MemoryDirection) {
        (self.writer, self.reader, self.reverse) = (writer, reader, reverse)
    }

    // MARK: Writing

    /// The bytes that may be written now.
    var room: Int { capacity - waiting - bytesInTransit }

    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        let count = min(bytes.count, room, limit(&writeSizes))
        guard count > 0 else { return 0 }
        let taken = [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            UnsafeMutableRawBufferPointer(room).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            filled = count
        }
        bytesWritten += count
        record?.append(contentsOf: taken)
        bytesInTransit += count
        post(.bytes(taken))
        return count
    }

    /// Nothing more is written.
    func end() { post(.end) }

    /// Breaks the connection for the reader. What is on its way is lost.
    func breakOff() {
        forgetTransit()
        post(.reset)
    }

    private func limit(_ sizes: inout [Int]) -> Int {
        if !sizes.isEmpty { return sizes.removeFirst() }
        switch split {
        case .none: return .max
        case .atMost(let count): return max(count, 1)
        case .random(let count): return 1 + Int(reactor.randomNumber) % max(count, 1)
        }
    }

    // MARK: On the way

    private func post(_ item: Item) {
        guard !isClosed else { return }
        let due = max(reactor.readClock() + delay.nanoseconds, transit.last?.due ?? 0)
        transit.append((due, item))
        arrive()
    }

    private func forgetTransit() {
        (transit, first, bytesInTransit) = ([], 0, 0)
        timer?.cancel()
        timer = nil
    }

    /// Lets arrive what is due.
    private func arrive() {
        guard !isStalled else { return }
        let now = reactor.readClock()
        while first < transit.count, transit[first].due <= now {
            let item = transit[first].item
            first += 1
            deliver(item)
        }
        if first == transit.count {
            forgetTransit()
        } else {
            let delay = Duration.nanoseconds(transit[first].due - now)
            if timer?.reschedule(after: delay) != true {
                timer = reactor.after(delay) { [unowned self] _ in arrive() }
            }
        }
    }

    private func deliver(_ item: Item) {
        switch item {
        case .bytes(let bytes):
            bytesInTransit -= bytes.count
            guard hasReader else {
                forgetTransit()
                reverse?.breakOff()
                return
            }
            arrived += bytes
        case .end: hasEnded = true
        case .reset: isReset = true
        }
        reader?.isReadyAgain()
        if case .reset = item { reader?.canWriteNoMore() }
    }

    // MARK: Reading

    /// The bytes that have arrived and not been read.
    var waiting: Int { arrived.count - start }

    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, waiting, limit(&readSizes))
        arrived.withUnsafeBytes {
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count]))
        }
        start += count
        bytesRead += count
        if waiting == 0 { (arrived, start) = ([], 0) }
        writer?.isReadyAgain()
        return count
    }

    /// The reading end is closed.
    func forgetReader() {
        hasReader = false
        guard waiting > 0 else { return }
        (arrived, start) = ([], 0)
        reverse?.breakOff()
    }

    /// The reading end takes no more: writing fails.
    func refuse() {
        isRefused = true
        writer?.isReadyAgain()
    }

    /// The connection breaks: what is on its way is lost, and what has not been read.
    func reset() {
        forgetTransit()
        (arrived, start) = ([], 0)
        isReset = true
        reader?.isReadyAgain()
        writer?.isReadyAgain()
    }

    /// Both ends are closed.
    func close() {
        isClosed = true
        forgetTransit()
        (arrived, start) = ([], 0)
    }
}

extension Duration {
    /// Whole nanoseconds; what is longer than 292 years is that long.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 4 : product + attoseconds / 1_000_000_000
    }
}
