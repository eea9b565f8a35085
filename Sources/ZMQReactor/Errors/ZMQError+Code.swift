import EventReactor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension ZMQError {
    /// The kind of a failure: one of the constants below.
    ///
    /// New kinds may be added, so a `switch` over codes needs a `default`.
    public struct Code: Hashable, Sendable {
        private enum Kind: Hashable, Sendable {
            case invalidArgument, addressInUse, addressNotAvailable, noSuchDevice, nameTooLong
            case protocolNotSupported, noSuchEndpoint, wrongState, notSupported, hostUnreachable
            case terminated, closed, noIOThread, messageTooLong, permissionDenied, tooManyDescriptors
            case incompatibleProtocol, timedOut, cancelled
            case system(CInt)
        }

        private let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// `EINVAL`: an argument makes no sense: an endpoint that cannot be parsed, an option out of its range, a
        /// wildcard where an address is needed.
        public static let invalidArgument = Code(.invalidArgument)

        /// `EADDRINUSE`: bind, when the address or `inproc` name is already bound, by this or another process.
        public static let addressInUse = Code(.addressInUse)

        /// `EADDRNOTAVAIL`: bind, when the address does not belong to this machine.
        public static let addressNotAvailable = Code(.addressNotAvailable)

        /// `ENODEV`: bind, when no network interface has this name and it is not the name of a local address either.
        public static let noSuchDevice = Code(.noSuchDevice)

        /// `ENAMETOOLONG`: an `ipc` path or an `inproc` name longer than the transport can carry.
        public static let nameTooLong = Code(.nameTooLong)

        /// `EPROTONOSUPPORT`: the endpoint's scheme is unknown, or is a transport that is not built in.
        public static let protocolNotSupported = Code(.protocolNotSupported)

        /// `ENOENT`: unbind or disconnect of an endpoint that the socket is not bound or connected to.
        public static let noSuchEndpoint = Code(.noSuchEndpoint)

        /// `EFSM`: a verb out of turn, such as a second request on a strict REQ socket before the reply to the first.
        public static let wrongState = Code(.wrongState)

        /// `ENOTSUP`: something legal that this socket type, this transport or this system cannot do.
        public static let notSupported = Code(.notSupported)

        /// `EHOSTUNREACH`: a message for a peer that is not connected, on a socket that was told to report it.
        public static let hostUnreachable = Code(.hostUnreachable)

        /// `ETERM`: the context was terminated; no more can be done with its sockets than to close them.
        public static let terminated = Code(.terminated)

        /// `ENOTSOCK`: the socket was closed before.
        public static let closed = Code(.closed)

        /// `EMTHREAD`: something that needs an I/O thread, in a context that has none.
        public static let noIOThread = Code(.noIOThread)

        /// `EMSGSIZE`: a message longer than allowed.
        public static let messageTooLong = Code(.messageTooLong)

        /// `EACCES`: the system forbids it: a privileged port, a directory or `ipc` file without write permission.
        public static let permissionDenied = Code(.permissionDenied)

        /// `EMFILE`: the process or the system has no file descriptor left.
        public static let tooManyDescriptors = Code(.tooManyDescriptors)

        /// `ENOCOMPATPROTO`: bind or connect, when the socket's type does not go with the endpoint's transport: STREAM with `inproc`.
        public static let incompatibleProtocol = Code(.incompatibleProtocol)

        /// `ETIMEDOUT`: an awaited reply, message or state did not come within the time given.
        public static let timedOut = Code(.timedOut)

        /// `ECANCELED`: the task or request that waited for this was cancelled.
        public static let cancelled = Code(.cancelled)

        /// Any other failure of a system call, by its errno. An errno that has a constant above gives that constant,
        /// so that `.system(EADDRINUSE) == .addressInUse`.
        public static func system(_ errno: CInt) -> Code {
            switch errno {
            case EINVAL: .invalidArgument
            case EADDRINUSE: .addressInUse
            case EADDRNOTAVAIL: .addressNotAvailable
            case ENODEV: .noSuchDevice
            case ENAMETOOLONG: .nameTooLong
            case EPROTONOSUPPORT: .protocolNotSupported
            case EOPNOTSUPP: .notSupported
            case EHOSTUNREACH: .hostUnreachable
            case EMSGSIZE: .messageTooLong
            case EACCES, EPERM: .permissionDenied
            case EMFILE, ENFILE: .tooManyDescriptors
            case ETIMEDOUT: .timedOut
            case ECANCELED: .cancelled
            default: Code(.system(errno))
            }
        }

        /// The errno of a failed system call; EINVAL for kinds that are ours alone.
        var errno: CInt {
            switch kind {
            case .addressInUse: EADDRINUSE
            case .addressNotAvailable: EADDRNOTAVAIL
            case .noSuchDevice: ENODEV
            case .permissionDenied: EACCES
            case .tooManyDescriptors: EMFILE
            case .system(let errno): errno
            default: EINVAL
            }
        }

        /// The classic name, such as `EADDRINUSE`.
        public var errnoName: String {
            switch kind {
            case .invalidArgument: "EINVAL"
            case .addressInUse: "EADDRINUSE"
            case .addressNotAvailable: "EADDRNOTAVAIL"
            case .noSuchDevice: "ENODEV"
            case .nameTooLong: "ENAMETOOLONG"
            case .protocolNotSupported: "EPROTONOSUPPORT"
            case .noSuchEndpoint: "ENOENT"
            case .wrongState: "EFSM"
            case .notSupported: "ENOTSUP"
            case .hostUnreachable: "EHOSTUNREACH"
            case .terminated: "ETERM"
            case .closed: "ENOTSOCK"
            case .noIOThread: "EMTHREAD"
            case .messageTooLong: "EMSGSIZE"
            case .permissionDenied: "EACCES"
            case .tooManyDescriptors: "EMFILE"
            case .incompatibleProtocol: "ENOCOMPATPROTO"
            case .timedOut: "ETIMEDOUT"
            case .cancelled: "ECANCELED"
            case .system(let errno): ReactorError.name(ofErrno: errno) ?? "errno \(errno)"
            }
        }

        /// The C library's words for an errno.
        static func systemMessage(_ errno: CInt) -> String {
            strerror(errno).map { String(cString: $0) } ?? "errno \(errno)"
        }
    }
}

extension ZMQError.Code: CustomStringConvertible {
    public var description: String { errnoName }
}
