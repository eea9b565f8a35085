import EventReactor

/// The connections to all addresses of a host, see ``SocketOptions/connectsToAllAddresses``.
///
///     looking up ──▶ waiting ──▶ looking up        either ──▶ ended
///
/// Rules:
/// * Each lookup that succeeds leaves one connector for each address that was found: new ones begin, and those whose
///   address is gone end as by a disconnect. A connector that has ended by itself is not replaced for as long as its
///   address stays.
/// * A lookup that fails changes nothing. Until there is a connection it is repeated after growing pauses, later after
///   the usual interval.
/// * An endpoint that the socket is connected to already, of a type that connects once, is left alone.
/// * The application may end this in each event.
final class HostConnections {
    private unowned let socket: Socket
    private let host: any HostAddress
    private let options: EndpointOptions
    let endpoint: Endpoint

    private var connectors: [Endpoint: Connector] = [:]
    private var backoff: Backoff
    private var timer: ReactorTimer?
    /// The number of the lookup that is under way: an answer to an earlier one comes too late.
    private var lookup = 0
    private var isEnded = false

    init(to host: any HostAddress, of socket: Socket, _ options: EndpointOptions) {
        (self.host, self.socket, self.options) = (host, socket, options)
        endpoint = Endpoint(host)
        backoff = Backoff(first: options.options.reconnectInterval, limit: options.options.reconnectIntervalMax)
    }

    func start() {
        lookup += 1
        let number = lookup
        host.lookUpHost(for: options.options, on: socket.reactor) { [weak self] addresses, reason in
            guard let self, !isEnded, number == lookup else { return }
            if addresses.isEmpty { failed(reason) } else { found(addresses) }
        }
        guard !isEnded, number == lookup, let limit = options.options.connectTimeout else { return }
        guard timer == nil else { return }
        wait(limit) { $0.failed(EventReason(.connectTimeout, "the host's name was not looked up in time")) }
    }

    private func wait(_ time: Duration, _ body: @escaping (HostConnections) -> Void) {
        timer?.cancel()
        timer = socket.reactor.after(time) { [weak self] _ in
            guard let self else { return }
            timer = nil
            body(self)
        }
    }

    private func failed(_ reason: EventReason) {
        lookup += 1
        let pause =
            connectors.isEmpty ? backoff.next(random: socket.reactor.randomFraction) : options.options.lookupInterval
        socket.observer.record(.connectDelayed(endpoint, pause, reason))
        guard !isEnded else { return }
        wait(pause) { host in
            host.socket.observer.record(.connectRetried(host.endpoint))
            if !host.isEnded { host.start() }
        }
    }

    private func found(_ addresses: [any Transport]) {
        lookup += 1
        backoff.reset()
        wait(options.options.lookupInterval) { $0.start() }
        let wanted = addresses.map { ($0, Endpoint($0)) }
        let endpoints = Set(wanted.map(\.1))
        for (endpoint, connector) in connectors where !endpoints.contains(endpoint) {
            connectors[endpoint] = nil
            connector.disconnectIfOpen()
        }
        for (address, endpoint) in wanted where !isEnded && connectors[endpoint] == nil {
            connect(to: address, endpoint)
        }
    }

    private func connect(to address: any Transport, _ endpoint: Endpoint) {
        guard !socket.type.traits.contains(.connectsOnce) || !socket.isConnecting(to: endpoint) else { return }
        do throws(ZMQError) {
            let connector = try socket.makeConnector(to: address, options)
            connectors[endpoint] = connector
            socket.connectors.append(connector)
            connector.start()
        } catch {
            // There is no thread for it: the next lookup tries again.
            let reason = EventReason(.system(error.code.errno), error.message)
            socket.observer.record(.addressFailed(self.endpoint, "\(endpoint.address)", reason))
        }
    }

    // MARK: The end

    /// No further lookup. The connections are the socket's.
    func stop() {
        isEnded = true
        timer?.cancel()
        timer = nil
    }

    /// Ends all connections, each within the linger.
    func disconnect(_ completion: @escaping (CloseReport) -> Void) {
        stop()
        // One more than there are connections: the completion is not called within this call.
        var (left, unsent) = (1, 0)
        func ended(_ report: CloseReport) {
            left -= 1
            unsent += report.unsentMessages
            if left == 0 { completion(CloseReport(unsentMessages: unsent)) }
        }
        socket.reactor.after(.zero) { _ in ended(CloseReport(unsentMessages: 0)) }
        let observer = socket.observer
        for connector in connectors.values where !connector.isClosed && !connector.isClosing {
            left += 1
            connector.disconnect(ended)
        }
        connectors = [:]
        observer.record(.closed(endpoint))
    }
}

extension Connector {
    /// Disconnects, unless that has been done or it has ended by itself.
    fileprivate func disconnectIfOpen() { if !isClosed, !isClosing { disconnect { _ in } } }
}
