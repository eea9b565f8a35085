import CSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Memory for arrays that may become large: from `mappedSize` on it consists of its own pages, which are remapped
/// rather than copied when it grows, are initially zero, and are returned to the system one by one.
///
/// `malloc` does so only until a large block has been freed: then its threshold rises, and a block of 30 MB is copied,
/// which would block the loop for too long.
enum LargeMemory {
    static let mappedSize = 1 << 18

    /// The size of one page, or of several: mapped sizes are multiples of it.
    static let pageSize = Int(sysconf(CInt(_SC_PAGESIZE)))

    static func roundedUp(_ size: Int) -> Int { (size + pageSize - 1) / pageSize * pageSize }

    /// Zeroed memory. Only the written part of it costs anything.
    static func zeroed(_ size: Int) -> UnsafeMutableRawPointer {
        guard size >= mappedSize else { return checked(calloc(1, size)) }
        let flags = CInt(MAP_PRIVATE) | CInt(MAP_ANONYMOUS)
        let memory = mmap(nil, roundedUp(size), PROT_READ | PROT_WRITE, flags, -1, 0)
        return checked(memory == MAP_FAILED ? nil : memory)
    }

    /// Grows or shrinks memory; its first `kept` bytes are preserved.
    static func resize(
        _ memory: UnsafeMutableRawPointer?,
        from old: Int,
        to new: Int,
        keeping kept: Int
    ) -> UnsafeMutableRawPointer {
        switch (old >= mappedSize, new >= mappedSize) {
        case (false, false): return checked(realloc(memory, new))
        case (true, true): return checked(csockets_remap(memory, roundedUp(old), roundedUp(new)))
        default:
            let moved = new >= mappedSize ? zeroed(new) : checked(malloc(new))
            if let memory {
                moved.copyMemory(from: memory, byteCount: kept)
                release(memory, old)
            }
            return moved
        }
    }

    static func release(_ memory: UnsafeMutableRawPointer, _ size: Int) {
        if size >= mappedSize { munmap(memory, roundedUp(size)) } else { free(memory) }
    }

    /// Returns the first pages of mapped memory.
    static func releaseFront(_ memory: UnsafeMutableRawPointer, _ size: Int) { munmap(memory, size) }

    private static func checked(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
        guard let memory else { fatalError("out of memory") }
        return memory
    }
}
