import Synchronization

/// The tasks begun on a reactor that have not ended, so that they can be cancelled with it.
final class ReactorTasks {
    private var cancels: [Int: () -> Void] = [:]
    private var nextKey = 0

    func add<Success, Failure>(_ task: Task<Success, Failure>, key: Int) { cancels[key] = { task.cancel() } }

    func makeKey() -> Int {
        nextKey += 1
        return nextKey
    }

    func remove(_ key: Int) { cancels[key] = nil }

    func cancelAll() {
        for cancel in exchange(&cancels, with: [:]).values { cancel() }
    }
}
