import CLibev
import Glibc

/// A signal by its number: `.interrupt`, or `Signal(rawValue: 34)`. See signal(7).
public struct Signal: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number of the signal.
    public let rawValue: CInt

    /// The signal of that number. Whether there is one is found out when it is watched.
    public init(rawValue: CInt) { self.rawValue = rawValue }

    /// `SIGHUP`: the terminal is gone; by custom, read the configuration again.
    public static let hangup = Signal(rawValue: SIGHUP)
    /// `SIGINT`: Ctrl-C.
    public static let interrupt = Signal(rawValue: SIGINT)
    /// `SIGQUIT`: Ctrl-\.
    public static let quit = Signal(rawValue: SIGQUIT)
    /// `SIGTERM`: please end.
    public static let terminate = Signal(rawValue: SIGTERM)
    /// `SIGKILL`, which cannot be watched; an ``ProcessExitStatus`` may tell of it.
    public static let kill = Signal(rawValue: SIGKILL)
    /// `SIGABRT`: an `abort()`; in an ``ProcessExitStatus``.
    public static let abort = Signal(rawValue: SIGABRT)
    /// `SIGALRM`.
    public static let alarm = Signal(rawValue: SIGALRM)
    /// `SIGPIPE`: a write nobody reads. A reactor has it ignored.
    public static let brokenPipe = Signal(rawValue: SIGPIPE)
    /// `SIGCHLD`: a child process has changed its state. `Reactor.onExit(of:_:)` needs no signal.
    public static let child = Signal(rawValue: SIGCHLD)
    /// `SIGUSR1`, for the application.
    public static let user1 = Signal(rawValue: SIGUSR1)
    /// `SIGUSR2`, for the application.
    public static let user2 = Signal(rawValue: SIGUSR2)
    /// `SIGWINCH`: the terminal has another size.
    public static let windowChange = Signal(rawValue: SIGWINCH)

    /// The name, as in `"SIGINT"`; `"signal 34"` for one without.
    public var description: String {
        guard let name = clibev_signal_name(rawValue) else { return "signal \(rawValue)" }
        return "SIG" + String(cString: name)
    }
}
