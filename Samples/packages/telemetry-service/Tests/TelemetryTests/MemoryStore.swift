import Synchronization
import Telemetry

/// Readings in memory, added when and if the test wants it.
final class MemoryStore: ReadingStore {
    private struct State {
        var readings: [Reading] = []
        var failures = 0
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    struct Failure: Error {}

    private let state = Mutex(State())

    var readings: [Reading] { state.withLock { $0.readings } }

    /// The next calls fail, so many of them.
    func fail(times: Int) { state.withLock { $0.failures = times } }

    /// Calls wait until `release`.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func add(_ readings: [Reading]) async throws {
        if state.withLock({ $0.isHeld }) {
            await withCheckedContinuation { continuation in state.withLock { $0.held.append(continuation) } }
        }
        try state.withLock { state in
            guard state.failures == 0 else {
                state.failures -= 1
                throw Failure()
            }
            state.readings += readings
        }
    }

    func latest(of sensor: String) async throws -> Reading? { readings.last { $0.sensor == sensor } }

    func summary(of sensor: String, since time: Int64) async throws -> Summary? { throw Failure() }
}
