import Glibc

/// The resources of this process.
///
/// Other tests run in the same process at the same time and hold resources, too: compare before and after inside an
/// exit test (`await #expect(processExitsWith: .success) { … }`), which runs alone.
public enum ProcessResources {
    /// The open descriptors, as `/proc` names them: `socket:[4711]`, `anon_inode:[eventpoll]`, a path, …
    public static func openDescriptors() -> [Int32: String] {
        guard let directory = opendir("/proc/self/fd") else { return [:] }
        defer { closedir(directory) }
        var found: [Int32: String] = [:]
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let descriptor = Int32(name), descriptor != dirfd(directory) else { continue }
            found[descriptor] = linkTarget("/proc/self/fd/\(name)")
        }
        return found
    }

    public static func openDescriptorCount() -> Int { openDescriptors().count }

    /// The open sockets and epoll instances, which our sockets and reactors hold. Pipes and timers also come and go
    /// with the test's runtime.
    public static func socketAndLoopCount() -> Int {
        openDescriptors().values.count { $0.hasPrefix("socket:") || $0.contains("eventpoll") }
    }

    /// The memory of this process in bytes: resident, or allocated under a sanitizer, which has its own overhead and
    /// delays the release of freed memory.
    public static func memoryInUse() throws -> Int {
        if let allocatedBytes { return allocatedBytes() }
        let fields = try readFile("/proc/self/statm").split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { throw TestFailure("/proc/self/statm makes no sense") }
        return pages * Int(getpagesize())
    }

    public static func threadCount() -> Int {
        guard let directory = opendir("/proc/self/task") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        return count
    }
}

extension ProcessResources {
    /// Threads whose name begins with this prefix.
    public static func threadCount(named prefix: String) -> Int {
        guard let directory = opendir("/proc/self/task") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            let number = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let name = try? readFile("/proc/self/task/\(number)/comm"), name.hasPrefix(prefix) { count += 1 }
        }
        return count
    }
}

/// The counter that every sanitizer keeps; nil without one.
private let allocatedBytes = dlsym(nil, "__sanitizer_get_current_allocated_bytes").map {
    unsafeBitCast($0, to: (@convention(c) () -> Int).self)
}

func linkTarget(_ path: String) -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
    return String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
}
