import Glibc
import ZMQReactor

/// What does not change while the program runs.
struct Program: Sendable {
    let name: String
    let id = Int(getpid())
    let host: String
    let version = "\(LibraryVersion.current)"

    init() {
        let path = CommandLine.arguments.first ?? ""
        name = String(path.split(separator: "/").last ?? "program")
        host = System.hostName
    }
}
