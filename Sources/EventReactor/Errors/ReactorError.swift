import CLibev
import Glibc

/// Why a reactor could not do what was requested: a code to switch on, and a message that names what is affected.
public struct ReactorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of an error. New kinds may be added, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case badDescriptor, invalidArgument, signalInUse, noSuchProcess, notAChild, resourceExhausted
            case inboxFull, reactorGone, system
        }

        private let kind: Kind

        /// The number is not an open descriptor, or the descriptor cannot be watched.
        public static let badDescriptor = Code(kind: .badDescriptor)
        /// An argument is outside the range that the call accepts.
        public static let invalidArgument = Code(kind: .invalidArgument)
        /// Another reactor of this process watches the signal.
        public static let signalInUse = Code(kind: .signalInUse)
        /// There is no process with that id.
        public static let noSuchProcess = Code(kind: .noSuchProcess)
        /// The process is not a child of this one, so its exit status cannot be collected.
        public static let notAChild = Code(kind: .notAChild)
        /// The process or the system has run out of descriptors, threads or memory.
        public static let resourceExhausted = Code(kind: .resourceExhausted)
        /// As much work as the reactor's inbox takes is already waiting in it.
        public static let inboxFull = Code(kind: .inboxFull)
        /// The reactor no longer exists, or its thread is ending.
        public static let reactorGone = Code(kind: .reactorGone)
        /// Any other failure of a system call; see ``ReactorError/errno``.
        public static let system = Code(kind: .system)

        /// The name of the code, as spelled in Swift.
        public var description: String { kind.rawValue }
    }

    /// What kind of failure this is.
    public let code: Code

    /// A sentence for people, which names the descriptor, signal or process.
    public let message: String

    /// The system's error number, if a system call failed.
    public let errno: CInt?

    package init(_ code: Code, _ message: String, errno: CInt? = nil) {
        self.code = code
        self.message = message
        self.errno = errno
    }

    /// The symbolic name of ``errno``, such as `"EBADF"`.
    public var errnoName: String? { errno.flatMap(Self.name(ofErrno:)) }

    /// The symbolic name of a number; nil if it has none.
    package static func name(ofErrno number: CInt) -> String? {
        clibev_errno_name(number).map { String(cString: $0) }
    }

    /// The message, followed by the symbolic name of the system's error, if any.
    public var description: String {
        errnoName.map { "\(message) (\($0))" } ?? message
    }

    /// The error of a system call that has just failed, with a code chosen by its number.
    package static func system(_ message: String, errno number: CInt = Glibc.errno) -> ReactorError {
        let code: Code =
            switch number {
            case EBADF: .badDescriptor
            case EINVAL: .invalidArgument
            case ESRCH: .noSuchProcess
            case ECHILD: .notAChild
            case EMFILE, ENFILE, ENOMEM, ENOSPC, EAGAIN: .resourceExhausted
            default: .system
            }
        return ReactorError(code, "\(message): \(String(cString: strerror(number)))", errno: number)
    }
}
