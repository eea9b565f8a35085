import EventReactor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension ZMQError {
    /// The kind of an error: one of the constants below.
    ///
    /// New codes may be added, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable {
        private enum Kind: Hashable, Sendable {
            case invalidArgument, addressInUse, addressNotAvailable, noSuchDevice, nameTooLong
            case protocolNotSupported, noSuchEndpoint, wrongState, notSupported, hostUnreachable
            case terminated, closed, noIOThread, messageTooLong, permissionDenied, tooManyDescriptors
            case incompatibleProtocol, timedOut, cancelled, wouldBlock
            case system(CInt)
        }

        private let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// `EINVAL`: an argument is invalid: an endpoint that cannot be parsed, an option out of range, a wildcard
        /// where an address is required.
        public static let invalidArgument = Code(.invalidArgument)

        /// `EADDRINUSE`: bind, when the address or `inproc` name is already bound, by this or another process.
        public static let addressInUse = Code(.addressInUse)

        /// `EADDRNOTAVAIL`: bind, when the address does not belong to this host.
        public static let addressNotAvailable = Code(.addressNotAvailable)

        /// `ENODEV`: bind, when neither a network interface nor a local address has this name.
        public static let noSuchDevice = Code(.noSuchDevice)

        /// `ENAMETOOLONG`: an `ipc` path or an `inproc` name longer than the transport can carry.
        public static let nameTooLong = Code(.nameTooLong)

        /// `EPROTONOSUPPORT`: the endpoint's scheme is unknown, or its transport is not included.
        public static let protocolNotSupported = Code(.protocolNotSupported)

        /// `ENOENT`: unbind or disconnect of an endpoint that the socket is not bound or connected to.
        public static let noSuchEndpoint = Code(.noSuchEndpoint)

        /// `EFSM`: a call that the socket's state does not allow, such as a second request on a strict REQ socket
        /// before the reply to the first.
        public static let wrongState = Code(.wrongState)

        /// `ENOTSUP`: something legal that this socket type, transport or system does not support.
        public static let notSupported = Code(.notSupported)

        /// `EHOSTUNREACH`: a message for a peer that is not connected, on a socket that reports this.
        public static let hostUnreachable = Code(.hostUnreachable)

        /// `ETERM`: the context was terminated; its sockets can only be closed.
        public static let terminated = Code(.terminated)

        /// `ENOTSOCK`: the socket is closed.
        public static let closed = Code(.closed)

        /// `EMTHREAD`: an I/O thread is needed, and the context has none.
        public static let noIOThread = Code(.noIOThread)

        /// `EMSGSIZE`: a message exceeds the allowed size.
        public static let messageTooLong = Code(.messageTooLong)

        /// `EACCES`: the system denies it: a privileged port, a directory or `ipc` file without write permission.
        public static let permissionDenied = Code(.permissionDenied)

        /// `EMFILE`: the process or the system has no file descriptors left.
        public static let tooManyDescriptors = Code(.tooManyDescriptors)

        /// `ENOCOMPATPROTO`: bind or connect, when the socket's type does not support the endpoint's transport: STREAM
        /// with `inproc`.
        public static let incompatibleProtocol = Code(.incompatibleProtocol)

        /// `ETIMEDOUT`: an awaited reply, message or state did not arrive in time.
        public static let timedOut = Code(.timedOut)

        /// `ECANCELED`: the task or request that waited for this was cancelled.
        public static let cancelled = Code(.cancelled)

        /// `EAGAIN`: a request was not accepted, because no peer has room for it.
        public static let wouldBlock = Code(.wouldBlock)

        /// Any other failure of a system call, by its errno. An errno with a constant above gives that constant, so
        /// that `.system(EADDRINUSE) == .addressInUse`.
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
            case EAGAIN: .wouldBlock
            default: Code(.system(errno))
            }
        }

        /// The errno of a failed system call; EINVAL for codes without one.
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

        /// The symbolic name, such as `EADDRINUSE`.
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
            case .wouldBlock: "EAGAIN"
            case .system(let errno): ReactorError.name(ofErrno: errno) ?? "errno \(errno)"
            }
        }

        /// The C library's message for an errno.
        static func systemMessage(_ errno: CInt) -> String {
            strerror(errno).map { String(cString: $0) } ?? "errno \(errno)"
        }
    }
}

extension ZMQError.Code: CustomStringConvertible {
    public var description: String { errnoName }
}
