#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension SpareBlocks {
    /// Gives a block back to the allocator, and its memory to the system.
    ///
    /// The allocator keeps what is freed below something that is still in use, which may be most of it when peers that did not read have
    /// gone. See madvise(2), MADV_DONTNEED: the pages lose their contents, and stay the allocator's.
    static func giveBack(_ base: UnsafeMutableRawPointer, _ size: Int) {
        // The first and the last page may hold what the allocator notes, or be others' as well.
        let start = (UInt(bitPattern: base) + pageSize - 1) & ~(pageSize - 1)
        let end = UInt(bitPattern: base + size) & ~(pageSize - 1)
        if end > start { madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), CInt(MADV_DONTNEED)) }
        free(base)
    }

    private static let pageSize = UInt(sysconf(CInt(_SC_PAGESIZE)))
}
