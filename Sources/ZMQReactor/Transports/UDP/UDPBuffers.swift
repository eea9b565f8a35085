import CSockets
import EventReactor

/// What the datagrams of a system call lie in, for all udp links of a loop. Nothing of a link stays here.
final class UDPBuffers: ReactorLocal {
    /// The most datagrams of one system call.
    static let batch = 64

    /// The most datagrams that the system hands over in one piece.
    static let merged = csockets_merged

    /// The most bytes of a datagram that is received: more than UDP carries.
    private static let size = 65_536

    /// So far apart do the buffers lie: not all of them in the same lines of the cache.
    private static let distance = size + 192

    let incoming = UnsafeMutableBufferPointer<csockets_incoming>.allocate(capacity: UDPBuffers.batch)
    let outgoing = UnsafeMutableBufferPointer<csockets_outgoing>.allocate(capacity: UDPBuffers.batch)
    /// The bytes that each of the outgoing datagrams has in its queue.
    let queued = UnsafeMutableBufferPointer<Int>.allocate(capacity: UDPBuffers.batch)

    /// What is received; allocated at the first time, and used as far as datagrams have bytes.
    private var memory: UnsafeMutableRawPointer?

    init() {
        incoming.initialize(repeating: csockets_incoming())
        outgoing.initialize(repeating: csockets_outgoing())
        queued.initialize(repeating: 0)
    }

    deinit {
        incoming.deallocate()
        outgoing.deallocate()
        queued.deallocate()
        memory?.deallocate()
    }

    /// Receives datagrams; returns how many, or -1 with errno set.
    func receive(on descriptor: CInt, atMost limit: Int, _ losses: inout UInt32) -> Int {
        if memory == nil {
            memory = .allocate(byteCount: Self.distance * Self.batch, alignment: 64)
            for number in 0..<Self.batch { incoming[number].base = memory! + number * Self.distance }
        }
        let count = min(limit, Self.batch)
        for number in 0..<count { incoming[number].size = Self.size }
        return Int(csockets_receive_from(descriptor, incoming.baseAddress, UInt32(count), &losses))
    }
}

extension csockets_incoming {
    /// Calls `body` with each datagram: there may be several, and one may be empty.
    @inline(__always)
    func forEachDatagram(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard segment > 0 else { return body(UnsafeRawBufferPointer(start: base, count: size)) }
        for start in stride(from: 0, to: size, by: Int(segment)) {
            body(UnsafeRawBufferPointer(start: base + start, count: min(Int(segment), size - start)))
        }
    }

    /// The text of the address it comes from.
    var source: String { withEnd { DatagramEnd.text($0) } }

    /// Calls `body` with the address it comes from.
    func withEnd<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        withUnsafeBytes(of: end) { body(UnsafeRawBufferPointer(rebasing: $0.prefix(Int(end_size)))) }
    }
}
