import ZMQReactorTestSupport

@testable import ZMQReactor

/// One socket of a stress run, with its sent and received messages.
///
/// A message is a `NumberedMessage` whose size follows from its number. Order is checked where the framework guarantees
/// it: between a sender and a receiver that share one connection, which they do because no socket connects to the same
/// member twice.
final class StressMember {
    enum Kind: CaseIterable { case push, pull, pair, dealer, router, pub, sub }

    let kind: Kind
    let number: Int
    let context: Int
    let board: StressBoard
    private(set) var socket: Socket!
    /// The endpoints to which this one is connected, and all members it has ever been connected to.
    var connected: [String] = []
    var known: Set<Int> = []
    var bound: String?

    /// Whether this one is bound, and never connects, so that two members have at most one connection.
    let isBinder: Bool
    /// Whether all of a peer's messages arrive in the order in which they were sent. A PUSH redistributes messages
    /// queued for a peer that is gone, if that peer had connected to it or it queues only for connected peers.
    private let isOrdered: Bool

    private var stream = 0
    private var sent = 0
    private(set) var isBlocked = false
    private var lastOfStream: [Int: Int] = [:]
    private unowned let player: StressPlayer

    init(_ kind: Kind, of player: StressPlayer, in numbered: StressBoard.Numbered, _ options: SocketOptions) throws {
        (self.kind, self.player, board) = (kind, player, player.board)
        (number, context) = (board.nextNumber(), numbered.number)
        isBinder = kind == .router || kind != .dealer && number % 2 == 0
        isOrdered = kind != .push || !isBinder && !options.isImmediate
        let (reactor, place) = (player.reactor, numbered.context)
        switch kind {
        case .push: socket = try PushSocket(on: reactor, in: place, options: options, handler: self)
        case .pull:
            socket = try PullSocket(on: reactor, in: place, options: options) { [self] in received($1[0], from: 0) }
        case .pair: socket = try PairSocket(on: reactor, in: place, options: options, handler: self)
        case .dealer: socket = try DealerSocket(on: reactor, in: place, options: options, handler: self)
        case .router:
            socket = try RouterSocket(on: reactor, in: place, options: options) { [self] socket, message in
                guard message.count == 2 else { return board.report("a request of \(message.count) frames") }
                received(message[1], from: 0)
                // The reply identifies its sender.
                _ = try? socket.send([message[0], message[1], Frame("\(number)")])
            }
        case .pub: socket = try PubSocket(on: reactor, in: place, options: options)
        case .sub:
            let sub = try SubSocket(on: reactor, in: place, options: options) { [self] in received($1[0], from: 0) }
            try sub.subscribe(to: "")
            socket = sub
        }
        socket.onEvent = { [weak self] in self?.events.append("\($1)") }
        beginStream()
    }

    /// Events of the connections.
    private var events: [String] = []

    var type: SocketType { socket.type }

    /// The type of this one's peers.
    var partner: SocketType {
        switch kind {
        case .push: .pull
        case .pull: .push
        case .pair: .pair
        case .dealer: .router
        case .router: .dealer
        case .pub: .sub
        case .sub: .pub
        }
    }

    /// Connections change: messages sent on the new ones are a new stream.
    func beginStream() {
        stream = board.nextNumber() * 2 + (isOrdered ? 1 : 0)
        sent = 0
    }

    // MARK: Sending

    private static func size(of number: Int, in stream: Int) -> Int {
        let mixed = (number &* 31 &+ stream) % 1000
        return mixed == 0 ? 70_000 : mixed < 10 ? 9_000 : NumberedMessage.minimumSize + mixed % 200
    }

    /// Sends up to a number of messages, as long as they are accepted.
    func send(_ count: Int) throws {
        for _ in 0..<count {
            let bytes = NumberedMessage(stream: stream, number: sent).bytes(size: Self.size(of: sent, in: stream))
            let result: SendResult
            switch socket {
            case let socket as PushSocket: result = try socket.send(bytes)
            case let socket as PairSocket: result = try socket.send(bytes)
            case let socket as DealerSocket: result = try socket.send(bytes)
            case let socket as PubSocket:
                try socket.send(bytes.span.bytes)
                result = .accepted
            default: return
            }
            guard result == .accepted else { return isBlocked = true }
            sent += 1
        }
    }

    // MARK: Receiving

    /// - Parameter router: the sender of the reply; 0 when this is not a reply.
    private func received(_ frame: Frame, from router: Int) {
        guard let message = frame.withUnsafeBytes({ NumberedMessage($0) }),
            frame.count == Self.size(of: message.number, in: message.stream)
        else { return board.report("\(kind) \(number) was given \(frame.count) unknown bytes") }
        player.messages += 1
        let key = message.stream << 24 | router
        let last = lastOfStream.updateValue(message.number, forKey: key) ?? -1
        if last >= message.number, message.stream % 2 == 1 {
            board.report(
                "\(kind) \(number): stream \(message.stream) has \(message.number) after \(last); I/O threads: "
                    + "\(socket.context.ioThreads), \(socket.connections.map { "\($0.endpoint) \($0.peer)" }), \(events)"
            )
        }
        if kind != .sub, router == 0 { player.noteDelivery(of: message) }
    }

    private func isWritable() { isBlocked = false }

    /// Whether there is a receiving peer and this member has not been notified of room.
    var waitsInVain: Bool { isBlocked && !socket.isClosed && socket.peerCount > 0 }

    func pause() { (socket as? any ReceivingSocket)?.pause() }
    func resume() { (socket as? any ReceivingSocket)?.resume() }
}

extension StressMember: PushHandler, PairHandler, DealerHandler {
    func socketIsWritable(_ socket: PushSocket) { isWritable() }
    func socketIsWritable(_ socket: PairSocket) { isWritable() }
    func socketIsWritable(_ socket: DealerSocket) { isWritable() }

    func socket(_ socket: PairSocket, received message: Message) { received(message[0], from: 0) }

    func socket(_ socket: DealerSocket, received message: Message) {
        guard message.count == 2, let router = Int(message[1].string) else {
            return board.report("an answer of \(message.count) frames")
        }
        received(message[0], from: router)
    }
}
