import Synchronization

/// Reports its release.
final class Probe {
    private let released: () -> Void
    init(_ released: @escaping () -> Void) { self.released = released }
    deinit { released() }
}

/// A counter for several threads.
final class Counter: Sendable {
    private let number = Atomic(0)
    var value: Int { number.load(ordering: .acquiring) }
    func add(_ step: Int = 1) { number.add(step, ordering: .acquiringAndReleasing) }
}
