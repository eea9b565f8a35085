import CLibev
import Glibc

/// Why a reactor could not do what it was asked to: a kind to switch on, and a sentence that names what is concerned.
public struct ReactorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of an error. New kinds may be added, so a `switch` over it needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case badDescriptor, invalidArgument, signalInUse, noSuchProcess, notAChild, resourceExhausted, system
        }

        private let kind: Kind

        /// The number is no open descriptor, or one that cannot be watched.
        public static let badDescriptor = Code(kind: .badDescriptor)
        /// An argument is outside of what the call accepts.
        public static let invalidArgument = Code(kind: .invalidArgument)
        /// Another reactor of this process watches the signal.
        public static let signalInUse = Code(kind: .signalInUse)
        /// There is no process with that id.
        public static let noSuchProcess = Code(kind: .noSuchProcess)
        /// The process is not a child of this one, so that its exit status is none of our business.
        public static let notAChild = Code(kind: .notAChild)
        /// The process or the system is out of descriptors, threads or memory.
        public static let resourceExhausted = Code(kind: .resourceExhausted)
        /// Any other failure of a system call; see ``ReactorError/errno``.
        public static let system = Code(kind: .system)

        /// The name of the kind, as it is spelt in Swift.
        public var description: String { kind.rawValue }
    }

    /// What kind of failure this is.
    public let code: Code

    /// A sentence for a person, naming the descriptor, signal or process concerned.
    public let message: String

    /// The system's error number, where a system call is behind it.
    public let errno: CInt?

    package init(_ code: Code, _ message: String, errno: CInt? = nil) {
        self.code = code
        self.message = message
        self.errno = errno
    }

    /// The classic name of ``errno``, `"EBADF"` for example.
    public var errnoName: String? { errno.flatMap(Self.name(ofErrno:)) }

    /// The classic name of a number; nil when it has none.
    package static func name(ofErrno number: CInt) -> String? {
        clibev_errno_name(number).map { String(cString: $0) }
    }

    /// The message, followed by the name of the system's error where there is one.
    public var description: String {
        errnoName.map { "\(message) (\($0))" } ?? message
    }

    /// The error for a system call that has just failed, sorted into a code by its number.
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
