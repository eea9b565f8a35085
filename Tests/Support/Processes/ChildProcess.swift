public import EventReactor
import Glibc

/// A program started by a test.
///
/// Background threads read its output, so it never stalls on a full pipe. Each wait has a limit; when it expires, a
/// `TestFailure` is thrown that shows the program's output. The process is killed when the last reference goes.
///
/// The calls block. A test that must run its reactor meanwhile reads `exitStatus` or `standardOutput` in
/// `reactor.run(until:)`.
public final class ChildProcess: Sendable {
    public typealias ExitStatus = ProcessExitStatus

    public let processID: Int32
    let name: String
    let state: Monitor<State>

    struct State: Sendable {
        var outputs: [OutputStream: [UInt8]] = [.output: [], .error: []]
        var open: Set<OutputStream> = [.output, .error]
        /// The end of the output already returned by `nextLine`.
        var linesTaken = 0
        var status: ExitStatus?
        /// Our end of its standard input; -1 when closed.
        var input: Int32
    }

    public enum OutputStream: Hashable, Sendable { case output, error }

    /// Starts `executable` (a path, or a name to look up in PATH).
    ///
    /// `environment` is added to this process's. `onOutput` gets every piece of standard output as it is read, on a
    /// background thread, and an empty one at the end.
    public init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        directory: String? = nil,
        onOutput: (@Sendable ([UInt8]) -> Void)? = nil
    ) throws {
        let spawn = Spawn(
            executable: executable,
            arguments: arguments,
            environment: environment,
            directory: directory
        )
        let started = try spawn.start()
        processID = started.process
        name = String(executable.reversed().prefix { $0 != "/" }.reversed())
        _ = fcntl(started.input, F_SETFL, O_NONBLOCK)
        state = Monitor(State(input: started.input))
        collect(started.output, as: .output, onOutput)
        collect(started.error, as: .error, nil)
        collectStatus()
    }

    deinit {
        kill()
        closeInput()
    }

    private func collect(_ descriptor: Int32, as stream: OutputStream, _ observer: (@Sendable ([UInt8]) -> Void)?) {
        // The observer first: after a wait for the end it must be up to date.
        readToEnd(descriptor) { [state] bytes in
            observer?(bytes)
            state.withLock { state in
                if bytes.isEmpty { state.open.remove(stream) } else { state.outputs[stream]! += bytes }
            }
        }
    }

    /// Waits for the end without reaping the process, then reaps it under the lock, so that `send(_:)` never reaches
    /// another process with the same id.
    private func collectStatus() {
        startThread { [state, processID] in
            var info = siginfo_t()
            while waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
            state.withLock { state in
                state.status = collectedStatus(of: processID)
            }
        }
    }
}

extension ChildProcess {
    /// How it ended; nil while it runs.
    public var exitStatus: ExitStatus? { state.withLock { $0.status } }

    public var isRunning: Bool { exitStatus == nil }

    /// Its standard output so far.
    public var standardOutput: String { text(.output) }

    /// Its standard error so far.
    public var standardError: String { text(.error) }

    func text(_ stream: OutputStream) -> String {
        state.withLock { String(decoding: $0.outputs[stream]!, as: UTF8.self) }
    }

    /// Sends a signal, unless it has ended.
    public func send(_ signal: Signal) {
        state.withLock { state in
            if state.status == nil { _ = Glibc.kill(processID, signal.rawValue) }
        }
    }

    /// Ends it with SIGKILL.
    public func kill() { send(.kill) }

    /// Ctrl-C.
    public func interrupt() { send(.interrupt) }

    /// Its command and output, for messages.
    public var report: String {
        let status = exitStatus.map(\.description) ?? "still running"
        return """
            \(name) (process \(processID)): \(status)
            --- standard output ---
            \(excerpt(standardOutput))
            --- standard error ---
            \(excerpt(standardError))
            ---
            """
    }

    /// The end of a long text.
    private func excerpt(_ text: String) -> String {
        text.utf8.count <= 4_000 ? text : "… " + text.suffix(4_000)
    }
}

private func collectedStatus(of process: Int32) -> ChildProcess.ExitStatus {
    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process else { return .unknown }
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(Signal(rawValue: signal))
}
