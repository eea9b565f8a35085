import Glibc

/// The open descriptors of the process.
func openDescriptors() -> [CInt] {
    (0..<1024).filter { fcntl($0, F_GETFD) >= 0 }
}

/// The system's name of the descriptor: "anon_inode:[eventpoll]" for example.
func descriptorTarget(_ descriptor: CInt) -> String {
    var name = [CChar](repeating: 0, count: 256)
    let count = readlink("/proc/self/fd/\(descriptor)", &name, 255)
    return String(decoding: name.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
}
