import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

extension Scene {
    /// A ROUTER for clients and a DEALER for workers, with a proxy between them.
    func queue(_ change: Change = { _ in }, capture: Socket? = nil) throws -> (
        clients: RouterSocket, workers: DealerSocket, proxy: Proxy
    ) {
        let (clients, workers) = try (router(change), dealer(change))
        return (clients, workers, try Proxy(frontend: clients, backend: workers, capture: capture))
    }

    /// An XSUB for publishers and an XPUB for subscribers, with a proxy between them.
    func forwarder(_ change: Change = { _ in }, capture: Socket? = nil) throws -> (
        publishers: XSubSocket, subscribers: XPubSocket, proxy: Proxy
    ) {
        let (publishers, subscribers) = try (xsub(change: change), xpub(change))
        return (publishers, subscribers, try Proxy(frontend: publishers, backend: subscribers, capture: capture))
    }

    /// A PULL for producers and a PUSH for consumers, with a proxy between them.
    func streamer(_ change: Change = { _ in }, capture: Socket? = nil) throws -> (
        producers: PullSocket, consumers: PushSocket, proxy: Proxy
    ) {
        let (producers, consumers) = try (pull(change), push(change))
        return (producers, consumers, try Proxy(frontend: producers, backend: consumers, capture: capture))
    }

    /// Connects over inproc, binding `server` the first time.
    func join(_ client: Socket, to server: Socket, on road: Road = .inproc) throws {
        let (clients, servers) = (client.peerCount, server.peerCount)
        try client.connect(server.lastEndpoint ?? server.bind(road.endpoint))
        try wait("a connection") { client.peerCount == clients + 1 && server.peerCount == servers + 1 }
    }
}
