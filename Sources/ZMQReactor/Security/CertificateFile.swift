import Glibc

/// Certificate files: small texts, which are written once and never overwritten.
enum CertificateFile {
    /// What is added to the path of a public file to make that of the secret one.
    static let secretSuffix = "_secret"

    /// The most bytes of a file.
    static let limit = 64 << 10

    /// What is wrong with a file, which is not its text.
    static func failure(_ path: String, _ reason: String) -> ZMQError {
        ZMQError(.invalidArgument, "\(path.quoted) is no certificate that can be used: \(reason)")
    }

    /// The text of a regular file.
    static func read(_ path: String) throws(ZMQError) -> String {
        // Without O_NONBLOCK a FIFO would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(errno, doing: "open the certificate \(path.quoted)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno, doing: "read \(path.quoted)") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure(path, "it is not a regular file") }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count <= limit {
            let result = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + count, limit + 1 - count)
            }
            if result < 0 && errno == EINTR { continue }
            guard result >= 0 else { throw .system(errno, doing: "read \(path.quoted)") }
            if result == 0 { break }
            count += result
        }
        guard count <= limit else { throw failure(path, "it has more than \(limit) bytes") }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw failure(path, "it is not UTF-8")
        }
        return text
    }

    /// Writes a file that must not exist, and waits until it is on the disk. There is none if that fails.
    ///
    /// - Parameter mode: The permissions. Of those for others than the user, umask(2) takes some away.
    static func create(_ path: String, mode: mode_t, _ text: String) throws(ZMQError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .system(errno, doing: "create the certificate \(path.quoted)") }
        defer { close(descriptor) }
        let error = write(Array(text.utf8), to: descriptor)
        guard error == 0 else {
            remove(path)
            throw .system(error, doing: "write the certificate \(path.quoted)")
        }
    }

    /// Returns an errno, 0 for success.
    private static func write(_ bytes: [UInt8], to descriptor: CInt) -> CInt {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress!, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return errno }
            rest = rest.dropFirst(count)
        }
        return fsync(descriptor) == 0 ? 0 : errno
    }

    /// Removes a file, if there is one.
    static func remove(_ path: String) { _ = unlink(path) }
}

extension CertificateText {
    init(contentsOf path: String) throws(ZMQError) {
        let text = try CertificateFile.read(path)
        do throws(Failure) { try self.init(text) } catch { throw CertificateFile.failure(path, error.message) }
    }
}
