import EventReactor
import Glibc

/// The arguments of a new process.
struct Spawn {
    var executable: String
    var arguments: [String]
    /// Added to this process's environment.
    var environment: [String: String]
    var directory: String?

    /// A started process and our ends of its three standard streams.
    struct Started {
        let process: Int32
        let input: Int32
        let output: Int32
        let error: Int32
    }

    /// One at a time, so that no child inherits the pipes of another.
    private static let lock = Locked(())

    func start() throws -> Started {
        try Self.lock.withLock { _ in Result { try startAlone() } }.get()
    }

    private func startAlone() throws -> Started {
        let input = try Pipe()
        let output = try Pipe()
        let error = try Pipe()
        let childEnds = [input.readEnd, output.writeEnd, error.writeEnd]
        defer { for end in childEnds { close(end) } }
        let process: Int32
        do { process = try start(standardStreams: childEnds) } catch let failure {
            for end in [input.writeEnd, output.readEnd, error.readEnd] { close(end) }
            throw failure
        }
        return Started(process: process, input: input.writeEnd, output: output.readEnd, error: error.readEnd)
    }

    /// The child's signal mask is empty and its signal handling the default, whatever this process has set.
    private func start(standardStreams: [Int32]) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in standardStreams.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var process = pid_t()
        let command = commandLine
        let code = withCStrings(command) { argv in
            withCStrings(fullEnvironment) { environment in
                posix_spawnp(&process, command[0], &actions, &attributes, argv, environment)
            }
        }
        guard code == 0 else { throw TestFailure(call: "cannot start \(executable)", errno: code) }
        return process
    }

    /// `env` changes the directory and then executes the program: the process id stays.
    private var commandLine: [String] {
        let program = [executable] + arguments
        return directory.map { ["env", "--chdir=\($0)"] + program } ?? program
    }

    private var fullEnvironment: [String] {
        let inherited = currentEnvironment().filter { entry in
            environment[String(entry.prefix { $0 != "=" })] == nil
        }
        return inherited + environment.map { "\($0)=\($1)" }
    }
}

/// `NAME=VALUE` lines of this process.
private func currentEnvironment() -> [String] {
    var entries: [String] = []
    var next = environ
    while let entry = next.pointee {
        entries.append(String(cString: entry))
        next += 1
    }
    return entries
}

private func withCStrings<Result>(
    _ strings: [String],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
}
