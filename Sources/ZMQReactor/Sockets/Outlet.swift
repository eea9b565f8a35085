import EventReactor
import ZMTP

/// The socket's end of its handle: moves what other threads have sent into the socket's own queues.
///
/// A message that the socket has no room for waits here until there is room for its recipient, and others for the same
/// recipient behind it; those for other recipients go ahead. A recipient that has no room costs nothing until it has.
final class Outlet {
    /// The messages for a recipient that has no room.
    private final class Line {
        var items = RingBuffer<Outbox.Item>()
    }

    let outbox: Outbox
    private let wakeup: Wakeup
    private unowned let socket: Socket
    private let send: (Message) throws(ZMQError) -> SendResult
    /// The limits of each recipient.
    private let window: CreditWindow

    /// Taken out of the outbox, and not tried yet.
    private var untried = RingBuffer<Outbox.Item>()
    private var lines: [UInt32: Line] = [:]
    /// The recipients of lines that may have room again.
    private var relieved: [UInt32] = []
    /// The messages in all of these.
    private var held = 0
    private var isMoving = false
    private var isScheduled = false
    /// Whether the socket is closed, and may be gone.
    private(set) var isOver = false

    /// The most messages moved in one turn.
    private static let turnBudget = 1000

    /// - Parameter send: as the application sends with the socket.
    init(of socket: Socket, _ send: @escaping (Message) throws(ZMQError) -> SendResult) {
        self.socket = socket
        self.send = send
        wakeup = Wakeup()
        outbox = Outbox(on: socket.reactor.handle, wakeup: wakeup)
        let options = socket.options
        window = CreditWindow(messages: options.sendHighWaterMark, bytes: options.sendHighWaterMarkBytes)
        guard socket.state == .open else {
            isOver = true
            _ = outbox.close(with: socket.closedError())
            return
        }
        socket.reactor.register(self, for: wakeup)
        if let peers = socket.pattern as? NumberedPeers {
            for number in peers.numbers { outbox.add(number, window) }
            peers.whenNumbered = { [unowned self] in recipient($0, exists: $1) }
        } else {
            outbox.add(Outbox.anyone, window)
        }
    }

    private func recipient(_ number: UInt32, exists: Bool) {
        guard !exists else { return outbox.add(number, window) }
        outbox.remove(number)
        // What waits for it is dropped, not within a call of the pattern.
        guard lines[number] != nil else { return }
        relieved.append(number)
        schedule()
    }

    /// The messages that have been accepted, and are in none of the socket's queues.
    var count: Int { held + outbox.count }

    /// The socket is writable, for a peer if it addresses them.
    func becameWritable(for pipe: Pipe?) {
        let peers = socket.pattern as? NumberedPeers
        guard let recipient = peers.map({ peers in pipe.flatMap { peers.number(of: $0) } }) ?? Outbox.anyone,
            lines[recipient] != nil
        else { return }
        relieved.append(recipient)
        move()
    }

    // MARK: Moving

    private func move() {
        guard !isOver, !isMoving, socket.state == .open else { return }
        isMoving = true
        let taken = outbox.take()
        held += taken.count
        for item in taken { untried.append(item) }
        var released: [UInt32: Credit] = [:]
        var budget = Self.turnBudget
        while budget > 0 {
            if let recipient = relieved.popLast() {
                serve(recipient, &budget, &released)
            } else if let item = untried.popFirst() {
                budget -= 1
                take(item, &released)
            } else {
                break
            }
        }
        isMoving = false
        let hasMore = outbox.release(released)
        if !isOver, hasMore || budget == 0 { schedule() }
    }

    /// Sends what waits for a recipient, as far as there is room. A handler may close the socket meanwhile, which takes
    /// the rest.
    private func serve(_ recipient: UInt32, _ budget: inout Int, _ released: inout [UInt32: Credit]) {
        guard let line = lines[recipient] else { return }
        while let item = line.items.popFirst() {
            guard budget > 0 else {
                line.items.prepend(item)
                return relieved.append(recipient)
            }
            budget -= 1
            guard passes(item, &released) else { return line.items.prepend(item) }
        }
        lines[recipient] = nil
    }

    private func take(_ item: Outbox.Item, _ released: inout [UInt32: Credit]) {
        if let line = lines[item.recipient] { return line.items.append(item) }
        guard !passes(item, &released) else { return }
        let line = Line()
        line.items.append(item)
        lines[item.recipient] = line
    }

    private func passes(_ item: Outbox.Item, _ released: inout [UInt32: Credit]) -> Bool {
        guard accepts(item) else { return false }
        if !isOver { held -= 1 }
        released[item.recipient, default: .zero] += item.credit
        return true
    }

    /// Sends a message; returns false if it has to wait. What the socket refuses is dropped and counted.
    private func accepts(_ item: Outbox.Item) -> Bool {
        do {
            if try send(item.message) == .accepted { return true }
            socket.countRefusals(-1)
            return false
        } catch {
            socket.drop(1, error.code == .hostUnreachable ? .peerGone : .malformed)
            return true
        }
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        socket.reactor.inNextTurn(self)
    }

    // MARK: The end

    /// The socket is about to close. What has been accepted is queued, beyond the high-water marks if need be; returns
    /// how much has no recipient.
    func end() -> Int {
        socket.reactor.register(nil, for: wakeup)
        let peers = socket.pattern as? NumberedPeers
        peers?.whenNumbered = nil
        isOver = true
        var lost = 0
        for item in takeAll() + outbox.close(with: socket.closedError()) where !accepts(item) {
            if let pipe = peers.map({ $0[item.recipient] }) ?? socket.emptiestPipe {
                pipe.send(peers == nil ? item.message : item.message.dropFirst()!)
            } else {
                lost += 1
            }
        }
        return lost
    }

    /// What waits for a recipient stands in front of what has not been tried.
    private func takeAll() -> [Outbox.Item] {
        var items: [Outbox.Item] = []
        for line in lines.values { while let item = line.items.popFirst() { items.append(item) } }
        while let item = untried.popFirst() { items.append(item) }
        (lines, relieved, held) = ([:], [], 0)
        return items
    }
}

extension Outlet: OwnedHandler {
    var handlerOwner: (any HandlerOwner)? { isOver ? nil : socket }
}

extension Outlet: WakeupHandler {
    func wakeupSignalled() { move() }
}

extension Outlet: NextTurnHandler {
    func reactorTurnGoesOn() {
        isScheduled = false
        move()
    }
}

extension Socket {
    /// The socket's end of its handle, made when it is first asked for.
    ///
    /// - Parameter send: as the application sends with the socket, which it must not retain.
    final func outletOrMake(_ send: @escaping (Message) throws(ZMQError) -> SendResult) -> Outlet {
        reactor.checkThread()
        if let outlet { return outlet }
        let outlet = Outlet(of: self, send)
        if state == .open { self.outlet = outlet }
        return outlet
    }

    /// The pipe with the shortest queue, of those that still accept messages; nil if there is none.
    fileprivate final var emptiestPipe: Pipe? {
        pipes.lazy.compactMap(\.self).filter { !$0.sending.isClosed }.min { $0.outbound.count < $1.outbound.count }
    }
}
