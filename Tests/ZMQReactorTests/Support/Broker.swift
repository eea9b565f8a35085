import ZMQReactor

/// The smallest possible broker: a ROUTER for clients and a DEALER for workers. It has no queue of its own: when no
/// worker has room, it accepts nothing more from the clients.
final class Broker: RouterHandler, DealerHandler {
    private(set) var clients: RouterSocket!
    private(set) var workers: DealerSocket!
    private var held: Message?

    init(_ scene: Scene, _ change: Scene.Change = { _ in }) throws {
        clients = try scene.router(change, handler: self)
        workers = try scene.dealer(change, handler: self)
    }

    func socket(_ socket: RouterSocket, received message: Message) {
        guard (try? workers.send(message)) != .accepted else { return }
        held = message
        socket.pause()
    }

    func socket(_ socket: DealerSocket, received message: Message) { _ = try? clients.send(message) }

    func socketIsWritable(_ socket: DealerSocket) {
        guard let message = held, (try? socket.send(message)) == .accepted else { return }
        held = nil
        clients.resume()
    }
}
