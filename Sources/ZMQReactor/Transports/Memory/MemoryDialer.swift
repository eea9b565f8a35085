import EventReactor

/// Opens streams in the network of a test's scene.
final class MemoryDialer: Dialer {
    unowned var connector: Connector!
    private let name: MemoryName
    private let network: any StreamNetwork
    private let options: EndpointOptions

    private var attempt: Int?
    private var timer: ReactorTimer?

    init(_ name: MemoryName, in network: any StreamNetwork, _ options: EndpointOptions) {
        (self.name, self.network, self.options) = (name, network, options)
    }

    var endpoint: Endpoint { Endpoint(name) }
    var greets: Bool { !name.isWebSocket }

    var connectionInfo: [ConnectionInfo] {
        guard let connection = connector.link as? StreamConnection else { return [] }
        return [connection.info(endpoint: endpoint, isAccepted: false)]
    }

    func dial() {
        attempt = network.connect(to: name.name, on: connector.reactor) { [unowned self] stream in
            attempt = nil
            stop()
            if let stream {
                connector.opened(name.stream(over: stream, .connecting, options, on: connector.reactor))
            } else {
                connector.attemptFailed(EventReason(.connectionRefused, "nothing listens at this name"))
            }
        }
        timer = options.options.connectTimeout.map { limit in
            connector.reactor.after(limit) { [unowned self] _ in
                stop()
                connector.attemptFailed(EventReason(.connectTimeout, "the connection was not made in time"))
            }
        }
    }

    func stop() {
        if let attempt { network.cancel(attempt: attempt) }
        attempt = nil
        timer?.cancel()
        timer = nil
    }
}
