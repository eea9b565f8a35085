import CLibev
package import Synchronization

/// A value under a lock, as `Mutex`, whose ordering the thread sanitizer knows of.
///
/// The library `Mutex` comes from is not instrumented, so that the sanitizer of Swift 6.3 reports races between any two
/// threads that use one properly: the reports would be about this module in every program that submits work.
///
/// Inlinable, so that another module's values are locked by code made for their type.
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

@usableFromInline
func lockWasTaken(_ address: UnsafeMutableRawPointer) { clibev_tsan_acquire(address) }

@usableFromInline
func lockIsGivenBack(_ address: UnsafeMutableRawPointer) { clibev_tsan_release(address) }
