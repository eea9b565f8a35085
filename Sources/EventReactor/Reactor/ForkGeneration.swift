import CLibev

/// The process something was made in, as distinct from a child that has a copy of it by fork(2).
///
/// The child has the parent's descriptors, its event loop among them, and none of its threads: using them there would take events
/// away from the parent, and wait for locks that nobody gives back.
package struct ForkGeneration: Sendable {
    private let number = clibev_fork_generation()

    package init() {}

    /// Whether this is still the same process.
    @inline(__always) package var isCurrent: Bool { number == clibev_fork_generation() }
}
