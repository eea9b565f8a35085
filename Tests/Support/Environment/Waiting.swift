import Glibc

/// Blocks until `condition` holds; throws when it does not within `limit`.
///
/// For what has no callback to wait on, such as another program's doings. It
/// looks every millisecond.
public func waitUntil(
    _ what: String = "the condition",
    within limit: Duration = .seconds(10),
    _ condition: () throws -> Bool
) throws {
    let limit = limit * slowness
    let start = ContinuousClock.now
    while try !condition() {
        guard ContinuousClock.now - start < limit else {
            throw TestFailure("waited \(limit) for \(what) in vain")
        }
        poll(nil, 0, 1)
    }
}
