import CSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Memory for arrays that may become large: from `mappedSize` on it consists of pages of its own, which are moved to another address
/// rather than copied when it grows, are zero at first, and go back to the system one by one.
///
/// `malloc` does so only as long as nothing large has been freed: then its threshold rises, and a block of 30 MB is copied, which takes
/// longer than the loop may be away.
enum LargeMemory {
    static let mappedSize = 1 << 18

    /// Bytes of one page, or of several: all that is mapped is a multiple of it.
    static let pageSize = Int(sysconf(CInt(_SC_PAGESIZE)))

    static func roundedUp(_ size: Int) -> Int { (size + pageSize - 1) / pageSize * pageSize }

    /// Memory that is zero. It costs what is written to it.
    static func zeroed(_ size: Int) -> UnsafeMutableRawPointer {
        guard size >= mappedSize else { return checked(calloc(1, size)) }
        let flags = CInt(MAP_PRIVATE) | CInt(MAP_ANONYMOUS)
        let memory = mmap(nil, roundedUp(size), PROT_READ | PROT_WRITE, flags, -1, 0)
        return checked(memory == MAP_FAILED ? nil : memory)
    }

    /// Makes memory larger or smaller; its first `kept` bytes stay what they are.
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

    /// Gives the first pages of mapped memory back.
    static func releaseFront(_ memory: UnsafeMutableRawPointer, _ size: Int) { munmap(memory, size) }

    private static func checked(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
        guard let memory else { fatalError("out of memory") }
        return memory
    }
}
