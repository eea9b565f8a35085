import Glibc
import Synchronization

/// Names that no other test, process or earlier run uses.
public enum Unique {
    private static let counter = Atomic(0)

    /// A word such as `zr-4711-3`.
    public static func name() -> String {
        "zr-\(getpid())-\(counter.wrappingAdd(1, ordering: .relaxed).newValue)"
    }

    /// A path in the directory for temporary files, where no file exists.
    public static func path(_ suffix: String = "") -> String { "/tmp/\(name())\(suffix)" }

    /// `ipc://` with a fresh path. Its owner removes the file.
    public static func ipcEndpoint() -> String { "ipc://\(path(".ipc"))" }

    /// `ipc://@` with a fresh name of the abstract namespace.
    public static func abstractEndpoint() -> String { "ipc://@\(name())" }

    public static func inprocEndpoint() -> String { "inproc://\(name())" }
}
