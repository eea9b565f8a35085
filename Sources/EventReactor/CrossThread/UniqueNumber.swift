import Synchronization

/// Numbers that are unique in the program. Other threads refer to an object of a reactor by one.
package enum UniqueNumber {
    private static let last = Atomic(0)

    package static func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
