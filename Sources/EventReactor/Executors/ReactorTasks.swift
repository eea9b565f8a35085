import Synchronization

/// The tasks of a reactor that have not ended. They are cancelled with the reactor.
final class ReactorTasks {
    private var cancels: [Int: () -> Void] = [:]
    private var nextKey = 0

    func add<Success, Failure>(_ task: Task<Success, Failure>, key: Int) { cancels[key] = { task.cancel() } }

    func makeKey() -> Int {
        nextKey += 1
        return nextKey
    }

    func remove(_ key: Int) { cancels[key] = nil }

    /// Whether the thread is ending: from then on, nothing on the reactor is waited for.
    private(set) var areOver = false

    func cancelAll() {
        areOver = true
        // In the order in which they began: keys rise.
        for (_, cancel) in exchange(&cancels, with: [:]).sorted(by: { $0.key < $1.key }) { cancel() }
    }
}
