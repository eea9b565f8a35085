import Glibc

/// A file of socket options, so that secrets are not on the command line, where other users see them.
///
/// Each line is a name and a value, with `=` or a space in between; empty lines and those that begin with `#` are
/// skipped.
enum OptionFile {
    private static let limit = 1 << 20

    /// The options of the file at `path`, as `NAME=VALUE`.
    static func options(at path: String) throws(Complaint) -> [String] {
        var options: [String] = []
        let lines = try content(of: path).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (number, line) in zip(1..., lines) where !line.isEmpty && line.first != UInt8(ascii: "#") {
            let separator = line.firstIndex { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: " ") }
            guard let separator else { throw Complaint("--option-file \(path): line \(number) is not NAME=VALUE") }
            guard let value = String(validating: line[(separator + 1)...], as: UTF8.self),
                let name = String(validating: line[..<separator], as: UTF8.self)
            else { throw Complaint("--option-file \(path): line \(number) is not UTF-8") }
            options.append("\(name)=\(value)")
        }
        return options
    }

    private static func content(of path: String) throws(Complaint) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            guard count > 0 else { return content }
            content += buffer[..<count]
            guard content.count <= limit else { throw Complaint("--option-file \(path): has more than \(limit) bytes") }
        }
    }

    private static func failure(_ path: String) -> Complaint {
        Complaint("--option-file \(path): cannot be read: \(String(cString: strerror(errno)))")
    }
}
