import EventReactor
import Glibc

/// `tcp://host:port`, see tcp(7).
struct TCPTransport: StreamTransport {
    let address: TCPEndpoint

    var endpoint: Endpoint { .tcp(address) }

    func listen(_ options: SocketOptions) throws(ZMQError) -> (descriptor: CInt, endpoint: Endpoint) {
        let text = "\(endpoint)"
        let target = address.target
        let (candidates, reason) = SocketAddress.resolve(
            target.host.lookupName,
            port: target.port,
            family: target.host == .any ? AF_INET : AF_UNSPEC,
            isLocal: true
        )
        guard let local = candidates.first else {
            throw ZMQError(.noSuchDevice, "no local address is called \(target.host): \(reason)", endpoint: text)
        }
        let descriptor = socket(
            local.family,
            CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw .system(errno, doing: "open a socket", endpoint: text) }
        Self.set(SOL_SOCKET, SO_REUSEADDR, 1, on: descriptor)
        guard local.withPointer({ bind(descriptor, $0, $1) }) == 0,
            Glibc.listen(descriptor, CInt(clamping: options.backlog)) == 0
        else {
            let number = errno
            close(descriptor)
            throw .system(number, doing: "bind", endpoint: text)
        }
        guard let real = SocketAddress(localEndOf: descriptor), let bound = try? Endpoint("tcp://\(real.text)") else {
            close(descriptor)
            throw .system(EBADF, doing: "read the bound address", endpoint: text)
        }
        return (descriptor, bound)
    }

    func resolve(on reactor: Reactor, _ completion: @escaping ([SocketAddress], String) -> Void) {
        let target = address.target
        if case .name(let name) = target.host {
            let resolver = LoopResources.of(reactor).resolver
            return resolver.resolve(name, port: target.port, family: AF_UNSPEC, on: reactor, completion)
        }
        // A number needs no look-up.
        let (addresses, reason) = SocketAddress.resolve(
            target.host.lookupName,
            port: target.port,
            family: AF_UNSPEC,
            isLocal: false
        )
        completion(addresses, reason)
    }

    func configure(_ descriptor: CInt, _ options: SocketOptions) {
        // Batching is ours: every write is a whole turn's worth.
        Self.set(IPPROTO_TCP, TCP_NODELAY, 1, on: descriptor)
    }

    private static func set(_ level: some BinaryInteger, _ option: CInt, _ value: CInt, on descriptor: CInt) {
        var value = value
        setsockopt(descriptor, CInt(level), option, &value, socklen_t(MemoryLayout<CInt>.size))
    }
}

extension TCPHost {
    /// The host as getaddrinfo(3) takes it; nil for every local address.
    fileprivate var lookupName: String? {
        switch self {
        case .any: nil
        case .ipv4(let address): "\(address)"
        case .ipv6(let address, nil): "\(address)"
        case .ipv6(let address, let scope?): "\(address)%\(scope)"
        case .name(let name): name
        }
    }
}
