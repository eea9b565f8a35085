import Glibc
import ZMQReactorTestSupport

/// Raises this process's limit to this many open descriptors, if allowed.
func raiseDescriptorLimit(to wanted: UInt) throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    guard limit.rlim_cur < wanted else { return }
    limit.rlim_cur = min(wanted, limit.rlim_max)
    guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur == wanted else {
        throw TestFailure("this system allows only \(limit.rlim_max) descriptors")
    }
}
