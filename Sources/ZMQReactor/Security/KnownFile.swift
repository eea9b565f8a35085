import Glibc

/// A file of a directory of certificates, as it was when it was last looked at.
struct KnownFile {
    enum Content {
        case certificate(CurveCertificate)
        case problem(String)
        /// It cannot be read now, which says nothing of what is in it.
        case unreadable(String)
        /// It is no regular file.
        case nothing
    }

    /// What changes with the content.
    private struct Version: Equatable {
        let device, inode, size, modified, changed: Int

        init(_ status: stat) {
            (device, inode) = (Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino))
            size = Int(status.st_size)
            (modified, changed) = (status.st_mtim.nanoseconds, status.st_ctim.nanoseconds)
        }
    }

    let content: Content
    /// Whether it has changed a moment ago, so that it may be half-written.
    private let isFresh: Bool
    /// nil if the next look must read the file again.
    private let version: Version?

    /// Whether the next look reads it only if it has changed.
    var isSettled: Bool { version != nil }

    /// Why it may be the certificate of a key that is not known; nil if it is not.
    var doubt: String? {
        switch content {
        case .unreadable(let reason): reason
        case .problem(let reason): isFresh ? reason : nil
        case .certificate, .nothing: nil
        }
    }

    /// A change at the time of the look, or later, may leave the times as they are: they are as coarse as the ticks of
    /// the system, or a second with some file systems.
    private static let margin = 2_000_000_000

    /// Looks at a file, and reads it unless it is as it was. Returns whether it was read.
    static func look(at path: String, former: KnownFile?) -> (file: KnownFile, isNew: Bool) {
        var (status, now) = (stat(), timespec())
        guard stat(path, &status) == 0 else {
            let error = ZMQError.system(errno, doing: "look at \(path.quoted)")
            return (KnownFile(content: Content(error), isFresh: false, version: nil), true)
        }
        let version = Version(status)
        if let former, former.version == version { return (former, false) }
        clock_gettime(CLOCK_REALTIME, &now)
        let isFresh = max(version.modified, version.changed) + margin >= now.nanoseconds
        let content = content(path, status)
        let isSettled = !isFresh && !content.isUnreadable
        return (KnownFile(content: content, isFresh: isFresh, version: isSettled ? version : nil), true)
    }

    private static func content(_ path: String, _ status: stat) -> Content {
        guard status.st_mode & S_IFMT == S_IFREG else { return .nothing }
        do throws(ZMQError) { return .certificate(try CurveCertificate(contentsOf: path)) } catch {
            return Content(error)
        }
    }
}

extension KnownFile.Content {
    /// What lies in the system or the file's permissions, not in the file.
    private static let passing: Set<ZMQError.Code> = [
        .permissionDenied, .tooManyDescriptors, .timedOut, .system(ENOMEM), .system(EIO), .system(ESTALE),
    ]

    /// What a failure to read the file says of it.
    init(_ error: ZMQError) {
        self = Self.passing.contains(error.code) ? .unreadable(error.message) : .problem(error.message)
    }

    /// Whether it may be read later as it is.
    var isUnreadable: Bool { if case .unreadable = self { true } else { false } }
}

extension timespec {
    fileprivate var nanoseconds: Int { tv_sec * 1_000_000_000 + tv_nsec }
}

/// The names in a directory.
enum DirectoryListing {
    /// The first names in alphabetical order that satisfy `condition`, and one more if there are more than `limit`:
    /// of a larger directory, an arbitrary choice of as many.
    static func names(
        in path: String,
        limit: Int,
        where condition: (String) -> Bool
    ) throws(ZMQError) -> [String] {
        guard let directory = opendir(path) else { throw .system(errno, doing: "read the directory \(path.quoted)") }
        defer { closedir(directory) }
        return try names(in: path, limit: limit, where: condition) { readdir(directory) }
    }

    /// The same, of the entries that `next` returns as readdir(3) does.
    static func names(
        in path: String,
        limit: Int,
        where condition: (String) -> Bool,
        next: () -> UnsafeMutablePointer<dirent>?
    ) throws(ZMQError) -> [String] {
        var names: [String] = []
        while names.count <= limit {
            // Only errno tells a failure from the end.
            errno = 0
            guard let entry = next() else {
                let error = errno
                guard error == 0 else { throw .system(error, doing: "read the directory \(path.quoted)") }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            if let name, condition(name) { names.append(name) }
        }
        return names.sorted()
    }
}
