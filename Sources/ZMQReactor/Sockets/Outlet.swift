import EventReactor
import ZMTP

/// The socket's end of its handle: moves what other threads have sent into the socket's own queues.
///
/// A message that the socket has no room for waits here until the socket is writable, and others for the same recipient
/// behind it; those for other recipients go ahead.
final class Outlet {
    let outbox: Outbox
    private let wakeup: Wakeup
    private unowned let socket: Socket
    private let send: (Message) throws(ZMQError) -> SendResult
    /// The limits of each recipient.
    private let window: CreditWindow

    /// Taken out of the outbox, and not yet accepted.
    private var waiting: [Outbox.Item] = []
    /// What is being moved; from `nextItem` on, it has not been tried.
    private var items: [Outbox.Item] = []
    private var nextItem = 0
    private var isMoving = false
    private var isScheduled = false
    /// Whether the socket is closed, and may be gone.
    private var isOver = false

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
            peers.whenNumbered = { [outbox, window] in $1 ? outbox.add($0, window) : outbox.remove($0) }
        } else {
            outbox.add(Outbox.anyone, window)
        }
    }

    /// The messages that have been accepted, and are in none of the socket's queues.
    var count: Int { waiting.count + outbox.count }

    /// The socket is writable.
    func becameWritable() { if !waiting.isEmpty { move() } }

    private func move() {
        guard !isOver, !isMoving, socket.state == .open else { return }
        isMoving = true
        (items, nextItem) = (waiting + outbox.take(), 0)
        waiting = []
        var blocked: Set<UInt32> = []
        var released: [UInt32: Credit] = [:]
        var budget = Self.turnBudget
        while nextItem < items.count {
            let item = items[nextItem]
            nextItem += 1
            guard budget > 0, !blocked.contains(item.recipient), accepts(item) else {
                blocked.insert(item.recipient)
                waiting.append(item)
                continue
            }
            budget -= 1
            released[item.recipient, default: .zero] += item.credit
        }
        items = []
        isMoving = false
        let hasMore = outbox.release(released)
        if !isOver, hasMore || budget == 0 { schedule() }
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

    /// The socket is about to close. What has been accepted is queued, beyond the high-water marks if need be; returns
    /// how much has no recipient.
    func end() -> Int {
        socket.reactor.register(nil, for: wakeup)
        let peers = socket.pattern as? NumberedPeers
        peers?.whenNumbered = nil
        // A handler may have closed the socket in the middle of `move`.
        let rest = waiting + items[min(nextItem, items.count)...] + outbox.close(with: socket.closedError())
        (waiting, items, isOver) = ([], [], true)
        var lost = 0
        for item in rest where !accepts(item) {
            if let pipe = peers.map({ $0[item.recipient] }) ?? socket.emptiestPipe {
                pipe.send(peers == nil ? item.message : item.message.dropFirst()!)
            } else {
                lost += 1
            }
        }
        return lost
    }
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
