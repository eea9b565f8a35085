import Glibc

/// Blocks until `condition` holds; throws when it does not within `limit`.
///
/// For conditions without a callback, such as the state of another program. Polls every millisecond.
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
