import CBench
import Glibc

/// Numbers in a mapped file: they are correct at any time, even when this process has been killed.
///
/// `Tests/soak` reads them by position.
struct Ledger {
    enum Entry: Int, CaseIterable {
        /// Messages accepted by a socket. Counted before the send, so that the books include every message.
        case accepted
        /// Sends that would have blocked.
        case refused
        /// Messages that have arrived, and how many of them had a fault.
        case received, torn, twice, disordered
        /// What the socket reports as dropped by a rule, as queued, and as unsent when it was closed.
        case dropped, queued, unsent
        /// Requests that were abandoned.
        case failed
        /// Set when the socket is closed.
        case finished
    }

    private let numbers: UnsafeMutablePointer<UInt64>

    init(_ path: String) {
        numbers = mapped(path, size: 4096).bindMemory(to: UInt64.self, capacity: Entry.allCases.count)
    }

    subscript(entry: Entry) -> UInt64 {
        get { numbers[entry.rawValue] }
        nonmutating set { numbers[entry.rawValue] = newValue }
    }
}

/// The messages that have arrived: for each sender, a file with a bit for each message.
struct Book {
    /// The most messages of one sender.
    static let limit: UInt32 = 1 << 27

    private struct Page {
        let bits: UnsafeMutablePointer<UInt8>
        var last: Int64 = -1
    }

    private let path: String
    private let ledger: Ledger
    private var pages: [UInt32: Page] = [:]

    /// - Parameter path: the prefix of the files' names.
    init(_ path: String, _ ledger: Ledger) {
        self.path = path
        self.ledger = ledger
    }

    /// Records a message.
    mutating func enter(_ stamp: Payload.Stamp?) {
        ledger[.received] += 1
        guard let stamp, stamp.number < Self.limit else {
            ledger[.torn] += 1
            return
        }
        var page =
            pages[stamp.sender]
            ?? Page(
                bits: mapped("\(path).\(stamp.sender).bits", size: Int(Self.limit / 8))
                    .bindMemory(to: UInt8.self, capacity: Int(Self.limit / 8))
            )
        let (byte, bit) = (Int(stamp.number / 8), UInt8(1) << UInt8(stamp.number % 8))
        if page.bits[byte] & bit != 0 { ledger[.twice] += 1 }
        page.bits[byte] |= bit
        if Int64(stamp.number) <= page.last { ledger[.disordered] += 1 }
        page.last = Int64(stamp.number)
        pages[stamp.sender] = page
    }
}

/// A file's bytes, initially zero.
private func mapped(_ path: String, size: Int) -> UnsafeMutableRawPointer {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, size) == 0 else { bench_fail(path) }
    defer { close(descriptor) }
    guard let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
        bench_fail(path)
    }
    return base
}
