import CLibev
import Synchronization

/// A value under a lock, as `Mutex`, whose ordering the thread sanitizer knows of.
///
/// The library `Mutex` comes from is not instrumented, so that the sanitizer of Swift 6.3 reports races between any two
/// threads that use one properly: the reports would be about this module in every program that submits work.
package final class Locked<Value>: Sendable {
    private let mutex: Mutex<Value>

    package init(_ value: sending Value) { mutex = Mutex(value) }

    @inline(__always)
    package func withLock<Result>(_ body: (inout sending Value) -> sending Result) -> sending Result {
        let address = Unmanaged.passUnretained(self).toOpaque()
        return mutex.withLock { value in
            clibev_tsan_acquire(address)
            defer { clibev_tsan_release(address) }
            return body(&value)
        }
    }
}
