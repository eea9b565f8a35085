import CLibev
import Glibc

/// A signal by its number: `.interrupt`, or `Signal(rawValue: 34)`. See signal(7).
public struct Signal: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number of the signal.
    public let rawValue: CInt

    /// The signal with that number. Whether it exists is checked when it is watched.
    public init(rawValue: CInt) { self.rawValue = rawValue }

    /// `SIGHUP`: the terminal is gone; by convention, reload the configuration.
    public static let hangup = Signal(rawValue: SIGHUP)
    /// `SIGINT`: Ctrl-C.
    public static let interrupt = Signal(rawValue: SIGINT)
    /// `SIGQUIT`: Ctrl-\.
    public static let quit = Signal(rawValue: SIGQUIT)
    /// `SIGTERM`: a request to terminate.
    public static let terminate = Signal(rawValue: SIGTERM)
    /// `SIGKILL`, which cannot be watched; it occurs in a ``ProcessExitStatus``.
    public static let kill = Signal(rawValue: SIGKILL)
    /// `SIGABRT`: an `abort()`; it occurs in a ``ProcessExitStatus``.
    public static let abort = Signal(rawValue: SIGABRT)
    /// `SIGALRM`.
    public static let alarm = Signal(rawValue: SIGALRM)
    /// `SIGPIPE`: a write to a pipe or socket without a reader. A reactor ignores it.
    public static let brokenPipe = Signal(rawValue: SIGPIPE)
    /// `SIGCHLD`: a child process has changed state. `Reactor.onExit(of:reaps:_:)` does not need this signal.
    public static let child = Signal(rawValue: SIGCHLD)
    /// `SIGUSR1`, for the application.
    public static let user1 = Signal(rawValue: SIGUSR1)
    /// `SIGUSR2`, for the application.
    public static let user2 = Signal(rawValue: SIGUSR2)
    /// `SIGWINCH`: the terminal's size has changed.
    public static let windowChange = Signal(rawValue: SIGWINCH)

    /// The name, as in `"SIGINT"`; `"signal 34"` for one without.
    public var description: String {
        guard let name = clibev_signal_name(rawValue) else { return "signal \(rawValue)" }
        return "SIG" + String(cString: name)
    }
}
