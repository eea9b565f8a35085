import Glibc

extension ProcessResources {
    /// Limits this process to this many bytes of address space beyond what it has; only in an exit test, which runs
    /// alone.
    ///
    /// - Returns: Whether that works: a sanitizer reserves address space of its own, and could not continue.
    public static func limitMemory(toMore bytes: Int) throws -> Bool {
        guard dlsym(nil, "__sanitizer_get_current_allocated_bytes") == nil, dlsym(nil, "__tsan_init") == nil else {
            return false
        }
        guard let pages = try readFile("/proc/self/statm").split(separator: " ").first.flatMap({ Int($0) }) else {
            throw TestFailure("/proc/self/statm makes no sense")
        }
        let size = rlim_t(pages * Int(getpagesize()) + bytes)
        var limit = rlimit(rlim_cur: size, rlim_max: size)
        guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else {
            throw TestFailure(call: "setrlimit", errno: errno)
        }
        return true
    }
}
