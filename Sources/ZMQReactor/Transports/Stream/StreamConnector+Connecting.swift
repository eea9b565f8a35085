import EventReactor
import Glibc

extension StreamConnector {
    /// Begins an attempt: the names are looked up anew, and the host's addresses are tried in turn.
    func start() {
        state = .resolving
        attempt += 1
        transport.resolve(endpointOptions, on: reactor) { [weak self, attempt] addresses, sources, reason in
            // An answer that comes too late belongs to an attempt that has been given up.
            guard let self, case .resolving = self.state, attempt == self.attempt else { return }
            self.attemptTimer?.cancel()
            self.attemptTimer = nil
            self.sources = sources
            self.tryNext(addresses[...], reason)
        }
        if case .resolving = state { limitTime("the host's name was not looked up in time") }
    }

    /// Lets what begins now take no longer than an attempt may.
    private func limitTime(_ reason: String) {
        attemptTimer?.cancel()
        attemptTimer = options.connectTimeout.map { limit in
            reactor.after(limit) { [unowned self] _ in attemptFailed(EventReason(.connectTimeout, reason)) }
        }
    }

    /// Tries the first of the addresses, or gives this round up when there is none.
    private func tryNext(_ addresses: ArraySlice<SocketAddress>, _ reason: EventReason) {
        var rest = addresses
        var reason = reason
        while let address = rest.popFirst() {
            let descriptor = StreamDescriptor.open(address.family)
            guard descriptor >= 0 else {
                reason = .system(errno)
                continue
            }
            do throws(ZMQError) {
                try transport.prepare(descriptor, for: address, from: sources, endpointOptions)
                let result = address.withPointer { connect(descriptor, $0, $1) }
                guard result == 0 || errno == EINPROGRESS || errno == EINTR else {
                    reason = Self.reason(errno)
                    Glibc.close(descriptor)
                    continue
                }
            } catch {
                reason = EventReason(.system(error.code.errno), error.message)
                Glibc.close(descriptor)
                continue
            }
            return wait(for: descriptor, rest)
        }
        state = .idle
        retryLater(reason)
    }

    /// Waits until the connection is made or has failed.
    ///
    /// To a peer on this machine it is made by the end of the turn, and then needs neither a watcher nor a limit.
    private func wait(for descriptor: CInt, _ rest: ArraySlice<SocketAddress>) {
        state = .connecting(descriptor, nil, rest: rest)
        reactor.atEndOfTurn(self)
    }

    private func attemptFailed(_ reason: EventReason) {
        attemptTimer?.cancel()
        attemptTimer = nil
        switch state {
        case .connecting(let descriptor, let watcher, let rest):
            watcher?.cancel()
            Glibc.close(descriptor)
            tryNext(rest, reason)
        case .negotiating(let descriptor, let negotiation, let rest):
            negotiation.cancel()
            Glibc.close(descriptor)
            tryNext(rest, reason)
        case .resolving:
            state = .idle
            retryLater(reason)
        case .idle, .connected, .waiting, .closed: break
        }
    }

    /// The operating system has made the connection.
    private func connectionMade(_ descriptor: CInt, _ rest: ArraySlice<SocketAddress>) {
        guard !StreamDescriptor.isConnectedToItself(descriptor) else {
            return attemptFailed(EventReason(.connectionRefused, "nobody listens: the connection has met itself"))
        }
        transport.configure(descriptor, endpointOptions)
        guard let negotiation = transport.negotiation(on: descriptor, endpointOptions) else { return serve(descriptor) }
        // A proxy on this machine was there before there was anything to limit.
        if attemptTimer == nil { limitTime("the proxy did not make the connection in time") }
        state = .negotiating(descriptor, negotiation, rest: rest)
        negotiation.start(on: reactor) { [unowned self] reason in
            if let reason { attemptFailed(reason) } else { serve(descriptor) }
        }
    }

    private func serve(_ descriptor: CInt) {
        attemptTimer?.cancel()
        attemptTimer = nil
        let connection = StreamConnection(
            ByteStream(descriptor, transport.family),
            of: self,
            endpointOptions,
            role: .connecting
        )
        state = .connected(connection)
        observer.record(.connected(endpoint, connection))
        // The handler may have closed the socket, and the connection with it.
        if !connection.isEnded { connection.start() }
    }

    private static func reason(_ errno: CInt) -> EventReason {
        let message = ZMQError.Code.systemMessage(errno)
        switch errno {
        case ECONNREFUSED: return EventReason(.connectionRefused, message)
        case ETIMEDOUT: return EventReason(.connectTimeout, message)
        default: return EventReason(.system(errno), message)
        }
    }
}

extension StreamConnector: EndOfTurnHandler {
    func reactorTurnEnded() {
        guard case .connecting(let descriptor, nil, let rest) = state else { return }
        guard !StreamDescriptor.isConnected(descriptor) else { return connectionMade(descriptor, rest) }
        let watcher = reactor.watchOpen(descriptor, for: .writable, handler: self)
        state = .connecting(descriptor, watcher, rest: rest)
        limitTime("the connection was not made in time")
    }
}

extension StreamConnector: FileDescriptorHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        guard case .connecting(let descriptor, _, let rest) = state else { return }
        let errorNumber = StreamDescriptor.get(SOL_SOCKET, SO_ERROR, of: descriptor) ?? errno
        guard errorNumber == 0 else { return attemptFailed(Self.reason(errorNumber)) }
        watcher.cancel()
        connectionMade(descriptor, rest)
    }
}
