import CSockets
import Glibc

/// The pieces of one gathering write, see sendmsg(2). One per loop: its connections write one after the other.
final class GatherList {
    private static let capacity = 128
    private let vectors = UnsafeMutablePointer<iovec>.allocate(capacity: capacity)
    private(set) var count = 0
    private(set) var byteCount = 0

    deinit { vectors.deallocate() }

    func removeAll() {
        count = 0
        byteCount = 0
    }

    /// Adds a piece. Returns whether there is room for another.
    func append(_ piece: UnsafeRawBufferPointer) -> Bool {
        vectors[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: piece.baseAddress), iov_len: piece.count)
        count += 1
        byteCount += piece.count
        return count < Self.capacity
    }

    /// Writes the pieces one by one, until one is not taken whole; returns how many bytes were taken, or -1 when that
    /// is none and the last call has failed.
    ///
    /// - Parameter body: writes a piece; the second argument is whether another one follows.
    func write(_ body: (UnsafeRawBufferPointer, Bool) -> Int) -> Int {
        var total = 0
        for (index, vector) in UnsafeBufferPointer(start: vectors, count: count).enumerated() {
            let piece = UnsafeRawBufferPointer(start: vector.iov_base, count: vector.iov_len)
            let taken = body(piece, index + 1 < count)
            guard taken >= 0 else { return total > 0 ? total : taken }
            total += taken
            guard taken == vector.iov_len else { break }
        }
        return total
    }

    /// Writes all pieces with one system call; returns what that call returns. Never raises SIGPIPE.
    func send(to descriptor: CInt) -> Int {
        var message = msghdr()
        message.msg_iov = vectors
        message.msg_iovlen = count
        return csockets_send_message(descriptor, &message, CInt(MSG_NOSIGNAL))
    }
}
