#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The system's memory, for allocations that end the process when they fail: arrays, mainly.
package enum Memory {
    /// Smaller allocations are not checked: without that much, the system is practically out of memory.
    private static let smallest = 64 * 1024

    /// Whether the system has this many bytes, for the next allocation that a peer causes.
    ///
    /// They are allocated and freed with mmap(2), because a compiler may remove a malloc(3) whose memory is not used.
    package static func isAvailable(_ byteCount: Int) -> Bool {
        guard byteCount >= smallest else { return true }
        let block = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let block, block != MAP_FAILED else { return false }
        munmap(block, byteCount)
        return true
    }
}
