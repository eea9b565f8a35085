import Glibc

/// Starts a shell with the command, and returns its pid.
func spawn(_ command: String) throws -> pid_t {
    var pid: pid_t = 0
    var arguments = ["sh", "-c", command].map { (word: String) in strdup(word) } + [nil]
    defer { arguments.forEach { free($0) } }
    let result = posix_spawn(&pid, "/bin/sh", nil, nil, &arguments, environ)
    guard result == 0 else { throw SpawnError(number: result) }
    return pid
}

struct SpawnError: Error {
    let number: CInt
}
