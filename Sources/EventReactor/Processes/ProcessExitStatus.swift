/// How a child process ended.
public enum ProcessExitStatus: Hashable, Sendable, CustomStringConvertible {
    /// It returned from `main` or called `exit` with this code, 0...255.
    case exited(CInt)
    /// A signal ended it.
    case signalled(Signal)
    /// It has ended, but its status was collected elsewhere, by another `waitpid` or because `SIGCHLD` is ignored, and
    /// the system is older than Linux 6.15, which keeps the status.
    case unknown

    /// Whether it exited with code 0.
    public var isSuccess: Bool { self == .exited(0) }

    /// `"exited with code 1"`, `"ended by SIGKILL"` or `"ended, status unknown"`.
    public var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .signalled(let signal): "ended by \(signal)"
        case .unknown: "ended, status unknown"
        }
    }
}
