import EventReactor
import ZMQReactorTestSupport

/// A running `zmqcat`, as users run it.
struct Cat {
    let process: ChildProcess

    init(_ arguments: String..., environment: [String: String] = [:]) throws {
        process = try ChildProcess(Project.executable("zmqcat"), arguments, environment: environment)
    }

    /// One that is bound to a free port.
    static func bound(_ type: String, _ arguments: String...) throws -> (cat: Cat, endpoint: String) {
        let process = try ChildProcess(
            Project.executable("zmqcat"),
            [type, "--bind", "tcp://127.0.0.1:*"] + arguments
        )
        let cat = Cat(process)
        return (cat, try cat.endpoint())
    }

    /// One in a line of a shell, in which `"$@"` is the command with these arguments.
    static func shell(_ line: String, _ arguments: String...) throws -> Cat {
        Cat(try ChildProcess("/bin/sh", ["-c", line, "sh", Project.executable("zmqcat")] + arguments))
    }

    private init(_ process: ChildProcess) { self.process = process }

    /// The endpoint it reports as bound.
    func endpoint() throws -> String {
        try process.expectOutput("bound ", on: .error)
        let line = process.standardError.split(separator: "\n").first { $0.hasPrefix("bound ") }
        return String(line!.dropFirst("bound ".count))
    }

    /// Writes all of its input.
    func input(_ text: String) throws {
        try process.write(text)
        process.closeInput()
    }

    /// Waits for its end, and returns its output.
    @discardableResult
    func output(_ status: Int32 = 0) throws -> String {
        try process.expectExit(.exited(status), within: .seconds(120))
        return process.standardOutput
    }

    /// Its error messages.
    var complaints: [String] {
        process.standardError.split(separator: "\n").filter { $0.hasPrefix("error: ") }.map { String($0.dropFirst(7)) }
    }
}
