import Glibc

/// What the operating system knows.
enum System {
    static var hostName: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, gethostname(start, buffer.count - 1) == 0 else { return "" }
            buffer[buffer.count - 1] = 0
            return String(cString: start)
        }
    }

    /// Memory that the program occupies, in bytes; nil where the system does not say.
    static var residentMemory: Int? {
        let words = text(of: "/proc/self/statm").split(separator: " ")
        return words.count > 1 ? Int(words[1]).map { $0 * sysconf(Int32(_SC_PAGESIZE)) } : nil
    }

    /// The name and the number of the calling thread, as `top -H` shows them; see proc(5), /proc/thread-self.
    static var thread: (name: String, id: Int?) {
        let name = text(of: "/proc/thread-self/comm").prefix { $0 != "\n" }
        let size = 64
        var path = [CChar](repeating: 0, count: size)
        let count = readlink("/proc/thread-self", &path, size)
        let bytes = path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        let number = String(decoding: bytes, as: UTF8.self).split(separator: "/").last
        return (String(name), number.flatMap { Int($0) })
    }

    /// The beginning of a small file of the system's.
    private static func text(of path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = fread(&text, 1, text.count, file)
        return String(decoding: text.prefix(count), as: UTF8.self)
    }
}
