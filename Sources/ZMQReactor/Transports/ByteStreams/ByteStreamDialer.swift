import EventReactor
import Glibc
import ZMTP

/// Opens byte streams: looks the host's name up, connects to its addresses in turn, and has a proxy make the connection
/// where there is one.
///
///     idle ──▶ resolving ──▶ connecting ──▶ (negotiating with a proxy) ──▶ idle
///
/// An address that fails gives way to the next one, which is an event; after the last the attempt has failed. The
/// application may end the connector in that event.
final class ByteStreamDialer: Dialer {
    unowned var connector: Connector!
    private let transport: any ByteStreamTransport
    private let options: EndpointOptions

    private enum State {
        case idle
        case resolving
        case connecting(CInt, FileDescriptorWatcher?, rest: ArraySlice<SocketAddress>)
        case negotiating(CInt, PreludeRunner, rest: ArraySlice<SocketAddress>)
    }
    private var state = State.idle
    private var attemptTimer: ReactorTimer?
    /// The number of the attempt that is being made, and the addresses that it may come from.
    private var attempt = 0
    private var sources: [SocketAddress] = []
    /// The address that is being connected to.
    private var address: SocketAddress?

    init(_ transport: any ByteStreamTransport, _ options: EndpointOptions) {
        (self.transport, self.options) = (transport, options)
    }

    private var reactor: Reactor { connector.reactor }

    var endpoint: Endpoint { transport.endpoint }

    var greets: Bool { transport.greets }
    var metadata: Metadata { transport.metadata(options) }

    var connectionInfo: [ConnectionInfo] {
        guard let connection = connector.link as? StreamConnection else { return [] }
        return [connection.info(endpoint: endpoint, isAccepted: false)]
    }

    /// Begins an attempt: the names are looked up anew, and the host's addresses are tried in turn.
    func dial() {
        state = .resolving
        attempt += 1
        transport.resolve(options, on: reactor) { [weak self, attempt] addresses, sources, reason in
            // An answer that comes too late belongs to an attempt that has been given up.
            guard let self, case .resolving = self.state, attempt == self.attempt else { return }
            self.stopTimer()
            self.sources = sources
            self.tryNext(addresses[...], reason)
        }
        if case .resolving = state { limitTime("the host's name was not looked up in time") }
    }

    func stop() {
        switch state {
        case .connecting(let descriptor, let watcher, _):
            watcher?.cancel()
            Glibc.close(descriptor)
        case .negotiating(let descriptor, let negotiation, _):
            negotiation.cancel()
            Glibc.close(descriptor)
        case .idle, .resolving: break
        }
        state = .idle
        attempt += 1
        stopTimer()
    }

    /// Lets what begins now take no longer than an attempt may.
    private func limitTime(_ reason: String) {
        stopTimer()
        attemptTimer = options.options.connectTimeout.map { limit in
            reactor.after(limit) { [unowned self] _ in addressFailed(EventReason(.connectTimeout, reason)) }
        }
    }

    private func stopTimer() {
        if attemptTimer != nil { attemptTimer.take()?.cancel() }
    }

    /// Tries the first of the addresses; there may be none left.
    private func tryNext(_ addresses: ArraySlice<SocketAddress>, _ reason: EventReason) {
        var rest = addresses
        var reason = reason
        while let address = rest.popFirst() {
            do throws(ConnectFailure) {
                return wait(for: try begin(to: address), address, rest)
            } catch {
                reason = error.reason
            }
            guard announce(address, reason, rest) else { return }
        }
        state = .idle
        connector.attemptFailed(reason)
    }

    private struct ConnectFailure: Error {
        let reason: EventReason
    }

    /// Begins to connect to the address; returns the descriptor.
    private func begin(to address: SocketAddress) throws(ConnectFailure) -> CInt {
        let descriptor = StreamDescriptor.open(address.family)
        guard descriptor >= 0 else { throw ConnectFailure(reason: .system(errno)) }
        do throws(ZMQError) {
            try transport.prepare(descriptor, for: address, from: sources, options)
        } catch {
            Glibc.close(descriptor)
            throw ConnectFailure(reason: EventReason(.system(error.code.errno), error.message))
        }
        let result = address.withPointer { connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS || errno == EINTR else {
            let reason = Self.reason(errno)
            Glibc.close(descriptor)
            throw ConnectFailure(reason: reason)
        }
        return descriptor
    }

    /// Reports that an address has failed, if another one follows. Returns whether the attempt continues.
    private func announce(_ address: SocketAddress, _ reason: EventReason, _ rest: ArraySlice<SocketAddress>) -> Bool {
        guard !rest.isEmpty else { return true }
        let current = attempt
        connector.observer.record(.addressFailed(endpoint, address.text, reason))
        return attempt == current
    }

    /// Waits until the connection is made or has failed.
    ///
    /// To a peer on this machine it is made by the end of the turn, and then needs neither a watcher nor a limit.
    private func wait(for descriptor: CInt, _ address: SocketAddress, _ rest: ArraySlice<SocketAddress>) {
        self.address = address
        state = .connecting(descriptor, nil, rest: rest)
        reactor.atEndOfTurn(self)
    }

    /// An address has led to nothing, or the look-up of all has.
    private func addressFailed(_ reason: EventReason) {
        switch state {
        case .connecting(_, _, let rest), .negotiating(_, _, let rest):
            stop()
            if let address, !announce(address, reason, rest) { return }
            tryNext(rest, reason)
        case .resolving:
            stop()
            connector.attemptFailed(reason)
        case .idle: break
        }
    }

    /// The operating system has made the connection.
    private func connectionMade(_ descriptor: CInt, _ rest: ArraySlice<SocketAddress>) {
        guard !StreamDescriptor.isConnectedToItself(descriptor) else {
            return addressFailed(
                EventReason(.connectionRefused, "no process listens at the address: the connection has met itself")
            )
        }
        transport.configure(descriptor, options)
        guard let prelude = transport.prelude(options) else { return opened(descriptor) }
        let negotiation = PreludeRunner(prelude, on: descriptor, with: "the proxy", failingAs: .proxy)
        // A proxy on this machine was there before there was anything to limit.
        if attemptTimer == nil { limitTime("the proxy did not make the connection in time") }
        state = .negotiating(descriptor, negotiation, rest: rest)
        negotiation.start(on: reactor) { [unowned self] reason in
            if let reason { addressFailed(reason) } else { opened(descriptor) }
        }
    }

    private func opened(_ descriptor: CInt) {
        stopTimer()
        state = .idle
        do throws(ZMQError) {
            connector.opened(try transport.stream(on: descriptor, .connecting, options, reactor))
        } catch {
            Glibc.close(descriptor)
            connector.attemptFailed(EventReason(.system(error.code.errno), error.message))
        }
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

extension ByteStreamDialer: OwnedHandler {
    var handlerOwner: (any HandlerOwner)? { connector.handlerOwner }
}

extension ByteStreamDialer: EndOfTurnHandler {
    func reactorTurnEnded() {
        guard case .connecting(let descriptor, nil, let rest) = state else { return }
        guard !StreamDescriptor.isConnected(descriptor) else { return connectionMade(descriptor, rest) }
        let watcher = reactor.watchOpen(descriptor, for: .writable, handler: self)
        state = .connecting(descriptor, watcher, rest: rest)
        limitTime("the connection was not made in time")
    }
}

extension ByteStreamDialer: FileDescriptorHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        guard case .connecting(let descriptor, _, let rest) = state else { return }
        let errorNumber = StreamDescriptor.get(SOL_SOCKET, SO_ERROR, of: descriptor) ?? errno
        guard errorNumber == 0 else { return addressFailed(Self.reason(errorNumber)) }
        watcher.cancel()
        connectionMade(descriptor, rest)
    }
}
