import CBench
import Glibc

/// Numbers in a file that is mapped: they are right whenever one looks, also when this process was killed.
///
/// `Tests/soak` reads them by their place.
struct Ledger {
    enum Entry: Int, CaseIterable {
        /// Messages that a socket has taken from us. Counted before it is asked, so that no message is unknown to the books.
        case accepted
        /// Sends that would have blocked.
        case refused
        /// Messages that have arrived, and in how many something was wrong.
        case received, torn, twice, disordered
        /// What the socket says it has dropped by a rule, has queued, and had not sent when it was closed.
        case dropped, queued, unsent
        /// Requests that were given up.
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

/// Which messages have arrived: for each sender a file with a bit for each message.
struct Book {
    /// How many messages of one sender have room.
    static let limit: UInt32 = 1 << 27

    private struct Page {
        let bits: UnsafeMutablePointer<UInt8>
        var last: Int64 = -1
    }

    private let path: String
    private let ledger: Ledger
    private var pages: [UInt32: Page] = [:]

    /// - Parameter path: what the files' names begin with.
    init(_ path: String, _ ledger: Ledger) {
        self.path = path
        self.ledger = ledger
    }

    /// Notes a message down.
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

/// A file's bytes, all zero to begin with.
private func mapped(_ path: String, size: Int) -> UnsafeMutableRawPointer {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, size) == 0 else { bench_fail(path) }
    defer { close(descriptor) }
    guard let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
        bench_fail(path)
    }
    return base
}
