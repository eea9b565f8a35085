import Glibc

/// The whole of a text file.
public func readFile(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TestFailure(call: "cannot open \(path)", errno: errno) }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw TestFailure(call: "cannot read \(path)", errno: errno) }
        if count == 0 { return String(decoding: content, as: UTF8.self) }
        content += buffer[..<count]
    }
}
