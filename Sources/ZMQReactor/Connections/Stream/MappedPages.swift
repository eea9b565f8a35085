import CSockets
import Glibc
import ZMTP

/// Memory for a message that grows while it arrives, see mmap(2). It grows by mremap(2), which moves page tables and no
/// bytes, and goes back to the system after the last slice of it.
///
/// `@unchecked Sendable` holds because it only grows while its chunk has one owner.
final class MappedPages: @unchecked Sendable {
    private var base: UnsafeMutableRawPointer
    private var size: Int
    private let returned: ReturnedPages?

    /// So many bytes; nil when the system has none.
    ///
    /// - Parameter returned: what unmaps them, a part in each turn; nil to unmap them at once.
    init?(_ size: Int, returned: ReturnedPages?) {
        let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else { return nil }
        (base, self.size) = (address, size)
        self.returned = returned
    }

    deinit {
        guard let returned else { return _ = munmap(base, size) }
        returned.unmap(UnsafeMutableRawBufferPointer(start: base, count: size))
    }

    /// The pages as a chunk, which keeps them alive.
    var chunk: Chunk {
        Chunk(lent: UnsafeRawBufferPointer(start: base, count: size)) { withExtendedLifetime(self) {} }
    }

    /// The same bytes in larger memory, perhaps elsewhere: the chunk that was here before is to be forgotten. Nil, and
    /// nothing has changed, when the system has none.
    func grow(to size: Int) -> Chunk? {
        guard let address = csockets_grow(base, self.size, size) else { return nil }
        (base, self.size) = (address, size)
        return chunk
    }
}
