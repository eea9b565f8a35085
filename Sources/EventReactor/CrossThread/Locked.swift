import CLibev
package import Synchronization

/// A value under a lock, like `Mutex`, with an ordering that the thread sanitizer recognizes.
///
/// The library that contains `Mutex` is not instrumented, so the sanitizer of Swift 6.3 reports a race for any two
/// threads that use one correctly. Every program that submits work would get these reports.
///
/// Inlinable, so that other modules lock their values with specialized code.
package final class Locked<Value>: Sendable {
    @usableFromInline let mutex: Mutex<Value>

    @inlinable
    package init(_ value: sending Value) { mutex = Mutex(value) }

    @inlinable @inline(__always)
    package func withLock<Result>(_ body: (inout sending Value) -> sending Result) -> sending Result {
        let address = Unmanaged.passUnretained(self).toOpaque()
        return mutex.withLock { value in
            lockWasTaken(address)
            defer { lockIsGivenBack(address) }
            return body(&value)
        }
    }
}

/// The thread sanitizer learns that a lock was taken.
@usableFromInline
package func lockWasTaken(_ address: UnsafeMutableRawPointer) { clibev_tsan_acquire(address) }

/// The thread sanitizer learns that a lock is about to be released.
@usableFromInline
package func lockIsGivenBack(_ address: UnsafeMutableRawPointer) { clibev_tsan_release(address) }
