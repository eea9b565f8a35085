import Glibc

/// Both ends of a pipe, closed on exec. Created under the lock of `Spawn`, because they are not marked at once.
struct Pipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestFailure(call: "pipe", errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }
}

/// Reads `descriptor` to its end on a background thread, then closes it. `receive` gets each piece, and an empty one at
/// the end.
func readToEnd(_ descriptor: Int32, _ receive: @escaping @Sendable ([UInt8]) -> Void) {
    startThread {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { break }
            receive(Array(buffer[..<count]))
        }
        close(descriptor)
        receive([])
    }
}
