import EventReactor
import ZMTP

/// The end of ``SharedMessages`` that is on the reactor: moves a socket's messages into the buffer, as far as there is
/// room. What has none stays in the socket's queues.
final class MessageFeed {
    let buffer: MessageBuffer
    private unowned let socket: any ReceivingSocket
    private unowned let reactor: Reactor
    private let wakeup = Wakeup()
    private var isScheduled = false
    private var isOver = false

    /// The most messages moved in one turn.
    private static let turnBudget = 1000

    init(_ socket: any ReceivingSocket, _ window: CreditWindow) {
        (self.socket, reactor) = (socket, socket.reactor)
        buffer = MessageBuffer(window, on: socket.reactor.handle, wakeup: wakeup)
        guard socket.state == .open else {
            isOver = true
            buffer.end(socket.closedError())
            return
        }
        precondition(
            !socket.hasHandler && socket.consumer == nil,
            "The \(socket.type) socket has a handler, or something else receives from it: its messages cannot be shared"
        )
        precondition(
            !socket.type.traits.contains(.lockstep),
            "The messages of a \(socket.type) socket cannot be shared: it takes turns with its peers"
        )
        socket.consumer = self
        reactor.register(self, for: wakeup)
        schedule()
    }

    // The reactor was released without having closed its sockets.
    deinit { if !isOver { buffer.end(ZMQError(.closed, "the socket's reactor is gone")) } }

    private func schedule() {
        guard !isScheduled, !isOver else { return }
        isScheduled = true
        reactor.atEndOfTurn(self)
    }

    private func move() {
        guard !isOver else { return }
        var messages: [Message] = []
        var credit = Credit.zero
        while messages.count < Self.turnBudget, buffer.hasRoom(behind: credit),
            let message = try? socket.tryReceive()
        {
            messages.append(message)
            credit += message.credit
        }
        guard !messages.isEmpty else { return }
        if buffer.put(messages) || messages.count == Self.turnBudget { schedule() }
    }
}

extension MessageFeed: SocketConsumer {
    func messagesArrived(at socket: Socket) { schedule() }

    func becameWritable(at socket: Socket) {}

    func socketCloses(_ socket: Socket) {
        isOver = true
        reactor.register(nil, for: wakeup)
        buffer.end(socket.closedError())
    }
}

extension MessageFeed: EndOfTurnHandler {
    func reactorTurnEnded() {
        isScheduled = false
        move()
    }
}

extension MessageFeed: WakeupHandler {
    func wakeupSignalled() { schedule() }
}
