import CLibev

/// The process in which something was made, as distinct from a child that has a copy of it by fork(2).
///
/// The child has the parent's descriptors, including its event loop, but none of its threads: using them there would
/// take events away from the parent, and wait for locks that are never released.
package struct ForkGeneration: Sendable {
    private let number = clibev_fork_generation()

    package init() {}

    /// Whether the current process is the one in which this was made.
    @inline(__always) package var isCurrent: Bool { number == clibev_fork_generation() }
}
