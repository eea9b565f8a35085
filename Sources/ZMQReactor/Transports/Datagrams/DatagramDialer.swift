import EventReactor
import Glibc
import ZMTP

/// An endpoint of datagrams, as one socket uses it.
protocol DatagramRoute {
    var endpoint: Endpoint { get }

    /// What is at the other end, as the socket sees it.
    var peer: Peer { get }
    var peerDescription: PeerDescription { get }

    /// Finds the routes to all addresses of a host that stands there by name, without blocking the loop; none with the
    /// reason when there are none. Without a name it completes at once.
    func lookUp(on reactor: Reactor, _ completion: @escaping ([any DatagramRoute], EventReason) -> Void)

    /// Opens the descriptor.
    func open() throws(ZMQError) -> DatagramDescriptor

    func link(
        on descriptor: DatagramDescriptor,
        for pipe: Pipe,
        _ observer: SocketObserver,
        owner: any DatagramLinkOwner
    ) -> DatagramLink
}

extension DatagramRoute {
    func lookUp(on reactor: Reactor, _ completion: @escaping ([any DatagramRoute], EventReason) -> Void) {
        completion([self], .closed)
    }
}

/// A descriptor of datagrams, opened.
struct DatagramDescriptor {
    let descriptor: CInt
    /// The address of this host on the interface; 0 for any.
    var local = IPv4Address(bits: 0)
    /// Whether its addresses are those of IPv6.
    var isIPv6 = false

    func close() { Glibc.close(descriptor) }
}

/// Joins a connector with where datagrams go to or come from.
final class DatagramDialer: Dialer {
    unowned var connector: Connector!
    private let route: any DatagramRoute
    /// What has been opened to find out whether it can be.
    private var opened: DatagramDescriptor?
    /// The number of the look-up that is awaited.
    private var attempt = 0
    private var timer: ReactorTimer?

    /// - Parameter opened: what is used first, if it is open already.
    init(_ route: any DatagramRoute, _ opened: DatagramDescriptor? = nil) {
        (self.route, self.opened) = (route, opened)
    }

    deinit { opened?.close() }

    var endpoint: Endpoint { route.endpoint }

    var connectionInfo: [ConnectionInfo] {
        guard let link = connector.link as? DatagramLink else { return [] }
        return [link.info(endpoint: endpoint, isAccepted: false)]
    }

    func dial() {
        if let opened = opened.take() { return join(opened, by: route) }
        attempt += 1
        let current = attempt
        var isKnown = false
        route.lookUp(on: connector.reactor) { [weak self] routes, reason in
            isKnown = true
            // An answer that comes too late belongs to an attempt that has been given up.
            guard let self, attempt == current else { return }
            stopTimer()
            open(routes, reason)
        }
        guard !isKnown else { return }
        timer = connector.options.connectTimeout.map { limit in
            connector.reactor.after(limit) { [unowned self] _ in
                stop()
                connector.attemptFailed(EventReason(.connectTimeout, "the host's name was not looked up in time"))
            }
        }
    }

    /// Opens the first of the routes that can be.
    private func open(_ routes: [any DatagramRoute], _ reason: EventReason) {
        var reason = reason
        for route in routes {
            do throws(ZMQError) {
                return join(try route.open(), by: route)
            } catch {
                reason = EventReason(.system(error.code.errno), error.message)
            }
        }
        connector.attemptFailed(reason)
    }

    func stop() {
        attempt += 1
        stopTimer()
        opened?.close()
        opened = nil
    }

    private func stopTimer() {
        timer?.cancel()
        timer = nil
    }

    private func join(_ descriptor: DatagramDescriptor, by route: any DatagramRoute) {
        connector.observer.record(.connected(endpoint, route.peerDescription))
        // The application may have closed the socket in this event.
        guard let pipe = connector.pipeForLink() else { return descriptor.close() }
        let link = route.link(on: descriptor, for: pipe, connector.observer, owner: self)
        connector.joined(link)
        connector.resetPauses()
        link.start(with: route.peer)
        if connector.isClosing { link.close(afterSending: true) }
    }
}

extension DatagramDialer: DatagramLinkOwner {
    func linkEnded(_ link: DatagramLink) {
        let reason = link.reasonOfEnd
        connector.lost(reason, .disconnected(endpoint, link, reason), afterHandshake: true)
    }
}

/// Joins a listener with where datagrams go to or come from, which is the only peer of it.
final class DatagramAcceptor: Acceptor {
    unowned var listener: Listener!
    private let route: any DatagramRoute
    private var opened: DatagramDescriptor?
    private weak var link: DatagramLink?
    private var timer: ReactorTimer?

    /// How long it takes until an endpoint that the system has ended is opened again.
    private static let pause = Duration.seconds(1)

    /// - Parameter opened: what is used first.
    init(_ route: any DatagramRoute, _ opened: DatagramDescriptor) { (self.route, self.opened) = (route, opened) }

    deinit { opened?.close() }

    var endpoint: Endpoint { route.endpoint }

    func start() {
        // Held meanwhile: an event may end the socket, and the listener with it.
        let listener: Listener = listener
        guard let descriptor = opened.take() ?? (try? route.open()) else { return startLater() }
        guard case .pipe(let pipe) = listener.host.admit(route.peer, to: nil, at: endpoint, listener.endpointOptions)
        else { return descriptor.close() }
        let link = route.link(on: descriptor, for: pipe, listener.observer, owner: self)
        self.link = link
        listener.joined(link, pipe, isCounted: false)
        if !link.isEnded { link.start(with: route.peer) }
    }

    private func startLater() {
        timer = listener.reactor.after(Self.pause) { [weak self] _ in
            guard let self, listener.isListening else { return }
            start()
        }
    }

    /// The endpoint is its only connection: what is queued leaves, and it ends.
    func stop() {
        timer?.cancel()
        opened?.close()
        opened = nil
        link?.close(afterSending: true)
    }
}

extension DatagramAcceptor: DatagramLinkOwner {
    func linkEnded(_ link: DatagramLink) {
        let reason = link.reasonOfEnd
        let listener: Listener = listener
        listener.lost(link, reason, .disconnected(endpoint, link, reason))
        if listener.isListening { startLater() }
    }
}
