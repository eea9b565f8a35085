import Glibc

/// The file of a Unix domain socket, as it was at one moment.
struct SocketFile {
    private let path: String
    private let device: dev_t
    private let number: ino_t

    /// Nil when there is no file at the path, or one that is not a socket's.
    init?(at path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        self.path = path
        device = status.st_dev
        number = status.st_ino
    }

    /// Removes the file, unless another one has taken its place.
    func removeIfSame() {
        guard let now = SocketFile(at: path), now.device == device, now.number == number else { return }
        unlink(path)
    }
}
