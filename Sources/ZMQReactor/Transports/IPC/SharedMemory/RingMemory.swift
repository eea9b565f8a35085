import CSockets
import Glibc

/// The memory of both rings of a connection: a memory file that both processes have mapped. It is sealed, so that no
/// access to it can fail, whatever the other process does.
final class RingMemory {
    /// What one ring holds, in bytes: a power of two.
    let capacity: Int
    private let base: UnsafeMutableRawPointer

    /// In front of the bytes of both rings.
    private static let header = 4096
    /// The words of one ring within it.
    static let wordsSize = 512

    static func size(of capacity: Int) -> Int { header + 2 * capacity }

    /// The capacities that a peer may choose.
    static func isValid(_ capacity: Int) -> Bool {
        (1 << 12...1 << 20).contains(capacity) && capacity & (capacity - 1) == 0
    }

    /// Maps the memory file, which stays the caller's; nil with errno set when it is not what it must be.
    init?(mapping descriptor: CInt, capacity: Int) {
        guard let base = csockets_map_memory(descriptor, Self.size(of: capacity)) else { return nil }
        (self.base, self.capacity) = (base, capacity)
    }

    deinit { munmap(base, Self.size(of: capacity)) }

    /// A new memory file, or -1 with errno set.
    static func make(capacity: Int) -> CInt { csockets_create_memory(size(of: capacity), 3) }

    /// The ring in which the side that has connected writes, or the other one.
    private func ring(_ number: Int) -> (words: UnsafeMutableRawPointer, bytes: UnsafeMutableRawPointer) {
        (base + number * Self.wordsSize, base + Self.header + number * capacity)
    }

    /// Both ends of a side. Each exists once in its process.
    func ends(isConnecting: Bool) -> (reader: RingReader, writer: RingWriter) {
        let (incoming, outgoing) = isConnecting ? (ring(1), ring(0)) : (ring(0), ring(1))
        return (
            RingReader(words: incoming.words, bytes: incoming.bytes, capacity: capacity),
            RingWriter(words: outgoing.words, bytes: outgoing.bytes, capacity: capacity)
        )
    }
}

extension RingMemory {
    /// Whether the system lets programs reserve no more memory than there is. Memory files reserve none in advance, so
    /// that a page of one might be missing when it is needed, which ends the process.
    static let isRationed: Bool = {
        let file = open("/proc/sys/vm/overcommit_memory", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var mode: UInt8 = 0
        return read(file, &mode, 1) == 1 && mode == UInt8(ascii: "2")
    }()
}
