import CSockets
import EventReactor
import Glibc

/// `ipc://path` and `ipc://@name`, see unix(7).
///
/// A relative path is resolved against the working directory once, when this is made, so that a later chdir(2) moves
/// nothing.
struct IPCTransport: ByteStreamTransport {
    let address: IPCEndpoint
    private let path: String

    init(address: IPCEndpoint) {
        self.address = address
        switch address {
        case .path(let given): path = Self.absolute(given)
        case .abstract(let name): path = name
        case .wildcard: path = ""
        }
    }

    var endpoint: Endpoint { .ipc(address) }

    var family: ByteStream.Family { .local }

    /// The path from the root; as it is when that is too long for the system.
    private static func absolute(_ path: String) -> String {
        guard path.utf8.first != UInt8(ascii: "/"), let directory = getcwd(nil, 0) else { return path }
        defer { free(directory) }
        let whole = "\(String(cString: directory))/\(path)"
        return whole.utf8.count <= SocketAddress.longestPath ? whole : path
    }

    func listen(_ options: SocketOptions) throws(ZMQError) -> ListeningDescriptor {
        guard case .wildcard = address else { return try listen(at: path, as: address, options) }
        // A directory of our own, in which no other program's file can be.
        let directory = try Self.freshDirectory()
        let path = "\(directory)/socket"
        do throws(ZMQError) {
            var listening = try listen(at: path, as: .path(path), options)
            listening.cleanUp = { [cleanUp = listening.cleanUp] in
                cleanUp()
                rmdir(directory)
            }
            return listening
        } catch {
            rmdir(directory)
            throw error
        }
    }

    private static func freshDirectory() throws(ZMQError) -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        guard parent.utf8.count < SocketAddress.longestPath - 20, let template = strdup("\(parent)/zmq-XXXXXX") else {
            throw ZMQError(
                .nameTooLong,
                "the path of the directory for temporary files is too long",
                endpoint: "ipc://*"
            )
        }
        defer { free(template) }
        guard mkdtemp(template) != nil else { throw .system(errno, doing: "make a directory", endpoint: "ipc://*") }
        return String(cString: template)
    }

    private func listen(
        at path: String,
        as bound: IPCEndpoint,
        _ options: SocketOptions
    ) throws(ZMQError) -> ListeningDescriptor {
        let isAbstract = if case .abstract = bound { true } else { false }
        let descriptor = StreamDescriptor.open(AF_UNIX)
        guard descriptor >= 0 else { throw .system(errno, doing: "open a socket", endpoint: "\(endpoint)") }
        do throws(ZMQError) {
            // The file has the mode of the descriptor from its first moment on, less the umask.
            if let mode = options.ipcPermissions, !isAbstract { fchmod(descriptor, mode) }
            try bindReplacing(descriptor, SocketAddress(unix: path, isAbstract: isAbstract), isAbstract ? nil : path)
            let file = isAbstract ? nil : SocketFile(at: path)
            do throws(ZMQError) {
                if let mode = options.ipcPermissions, !isAbstract, chmod(path, mode) != 0 {
                    throw .system(errno, doing: "set the permissions", endpoint: "\(endpoint)")
                }
                guard Glibc.listen(descriptor, CInt(clamping: options.backlog)) == 0 else {
                    throw .system(errno, doing: "listen", endpoint: "\(endpoint)")
                }
            } catch {
                file?.removeIfSame()
                throw error
            }
            return ListeningDescriptor(descriptor: descriptor, endpoint: .ipc(bound)) { file?.removeIfSame() }
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Binds. A socket file at the path is replaced, whether it is in use or was left behind by a crash (TOP-23,
    /// TOP-24). Any other file stays.
    private func bindReplacing(_ descriptor: CInt, _ address: SocketAddress, _ path: String?) throws(ZMQError) {
        // Others may be at it at the same time.
        for attempt in 1...3 {
            if address.withPointer({ bind(descriptor, $0, $1) }) == 0 { return }
            let number = errno
            guard number == EADDRINUSE, attempt < 3, let path else {
                throw .system(number, doing: "bind", endpoint: "\(endpoint)")
            }
            if access(path, F_OK) == 0, SocketFile(at: path) == nil {
                let reason = "cannot bind: there is a file of this name that is not a socket's"
                throw ZMQError(.addressInUse, reason, endpoint: "\(endpoint)")
            }
            unlink(path)
        }
    }

    func resolve(_ endpoint: EndpointOptions, on reactor: Reactor, _ completion: @escaping Resolved) {
        let isAbstract = if case .abstract = address { true } else { false }
        completion([SocketAddress(unix: path, isAbstract: isAbstract)], [], EventReason(.unknownHost, ""))
    }

    func admits(_ descriptor: CInt, _ endpoint: EndpointOptions) -> Bool {
        if endpoint.admitsAllProcesses { return true }
        let (users, groups, processes) = (
            endpoint.options.ipcAllowedUsers, endpoint.options.ipcAllowedGroups, endpoint.options.ipcAllowedProcesses
        )
        var peer = csockets_credentials()
        guard csockets_peer_credentials(descriptor, &peer) == 0 else { return false }
        return users.contains(peer.user) || groups.contains(peer.group) || processes.contains(peer.process)
    }

    func countedAddress(of descriptor: CInt, from _: SocketAddress, _ limits: SocketLimits) -> RemoteAddress? {
        guard limits.countsLocalPeers else { return nil }
        var peer = csockets_credentials()
        return csockets_peer_credentials(descriptor, &peer) == 0 ? .user(peer.user) : nil
    }
}
