import Glibc

/// A value that threads and tasks wait for and another thread sets. (`Synchronization` has no condition variable.)
///
/// Sendable because its state is read and written only under the mutex, and the two pointers never change.
package final class Latch<Value: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value?
    private var waiting: [CheckedContinuation<Value, Never>] = []

    package init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Sets the value, and releases all waiting threads and tasks. Only the first call has an effect.
    package func open(_ value: Value) {
        pthread_mutex_lock(mutex)
        guard self.value == nil else { return _ = pthread_mutex_unlock(mutex) }
        self.value = value
        let tasks = exchange(&waiting, with: [])
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
        for task in tasks { task.resume(returning: value) }
    }

    /// Whether there is a value.
    var isOpen: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return value != nil
    }

    /// Suspends the task until there is a value, even if the task is cancelled.
    package nonisolated(nonsending) func awaitValue() async -> Value {
        await withCheckedContinuation { continuation in
            if let value = valueOrWait(continuation) { continuation.resume(returning: value) }
        }
    }

    private func valueOrWait(_ continuation: CheckedContinuation<Value, Never>) -> Value? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if value == nil { waiting.append(continuation) }
        return value
    }

    /// Blocks until there is a value.
    func wait() -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let value { return value }
            pthread_cond_wait(condition, mutex)
        }
    }
}
