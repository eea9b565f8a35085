#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension SpareBlocks {
    /// Returns a block to the allocator, and its memory to the system.
    ///
    /// The allocator keeps freed memory below a block that is still in use, which may be most of it after peers that
    /// did not read are gone. See madvise(2), MADV_DONTNEED: the pages lose their contents, and stay the allocator's.
    static func giveBack(_ base: UnsafeMutableRawPointer, _ size: Int) {
        // The first and the last page may hold the allocator's own data, or be shared with other blocks.
        let start = (UInt(bitPattern: base) + pageSize - 1) & ~(pageSize - 1)
        let end = UInt(bitPattern: base + size) & ~(pageSize - 1)
        if end > start { madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), CInt(MADV_DONTNEED)) }
        free(base)
    }

    private static let pageSize = UInt(sysconf(CInt(_SC_PAGESIZE)))
}
