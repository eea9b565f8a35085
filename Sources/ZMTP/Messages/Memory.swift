#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The system's memory, for what ends the process when there is none: arrays, mainly.
package enum Memory {
    /// What takes less is not asked for: the system is as good as out of memory when it has not got that.
    private static let smallest = 64 * 1024

    /// Whether the system has so many bytes, for what a peer makes us allocate next.
    ///
    /// They are allocated and given back, by mmap(2), since a compiler may leave out a malloc(3) whose memory is not used.
    package static func isAvailable(_ byteCount: Int) -> Bool {
        guard byteCount >= smallest else { return true }
        let block = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let block, block != MAP_FAILED else { return false }
        munmap(block, byteCount)
        return true
    }
}
