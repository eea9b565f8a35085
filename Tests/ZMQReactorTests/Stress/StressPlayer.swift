import ZMQReactorTestSupport

@testable import ZMQReactor

/// The work of one thread of a stress run: random actions, repeatedly.
final class StressPlayer {
    unowned let reactor: Reactor
    let board: StressBoard
    var messages = 0

    private var random: SeededGenerator
    private var members: [StressMember] = []
    private var sockets: [WeakSocket] = []
    private var delivered: [Int: Bits] = [:]
    private var timer: ReactorTimer?

    init(on reactor: Reactor, _ board: StressBoard, seed: UInt64) {
        (self.reactor, self.board, random) = (reactor, board, SeededGenerator(seed: seed))
        timer = reactor.every(.milliseconds(1)) { [unowned self] _ in turn() }
    }

    static func of(_ reactor: Reactor) -> StressPlayer {
        reactor.shared(StressPlayer.self) { preconditionFailure("this thread is not part of the run") }
    }

    private func turn() {
        for _ in 0..<1 + random.below(4) {
            do {
                try act()
            } catch let error as ZMQError {
                // Contexts are terminated by other threads, a PAIR has one peer, and a peer may have ended a connect
                // for good.
                let expected: [ZMQError.Code] = [.terminated, .closed, .wrongState, .noSuchEndpoint]
                if !expected.contains(error.code) { board.report("\(error)") }
            } catch {
                board.report("\(error)")
            }
        }
        members.removeAll { $0.socket.isClosed }
    }

    private func act() throws {
        switch random.below(1000) {
        case 0..<60 where members.count < 10: try create()
        case 0..<60: close()
        case 60..<85: close()
        case 85..<165: try bind()
        case 165..<285: try connect()
        case 285..<305: try disconnect()
        case 305..<315: try unbind()
        case 315..<335: anyMember()?.pause()
        case 335..<395: anyMember()?.resume()
        case 395..<420: _ = anyMember()?.socket.connections.count
        case 420..<422: board.replaceContext(random.below(100))
        default: try anyMember()?.send(1 + random.below(random.below(10) == 0 ? 300 : 20))
        }
    }

    private func anyMember() -> StressMember? { members.isEmpty ? nil : members[random.below(members.count)] }

    private func create() throws {
        var options = SocketOptions()
        (options.reconnectInterval, options.reconnectIntervalMax) = (.milliseconds(3), .milliseconds(30))
        options.linger = random.below(2) == 0 ? .none : .atMost(.milliseconds(random.below(100)))
        options.sendHighWaterMark = [1, 2, 10, 100, 1000][random.below(5)]
        options.receiveHighWaterMark = [1, 2, 10, 100, 1000][random.below(5)]
        if random.below(5) == 0 { options.sendHighWaterMarkBytes = 1 + random.below(5000) }
        if random.below(5) == 0 { options.receiveHighWaterMarkBytes = 1 + random.below(5000) }
        if random.below(10) == 0 { options.isImmediate = true }
        if random.below(10) == 0 { options.heartbeatInterval = .milliseconds(20) }
        // Heartbeats easily time out when everything is slow.
        options.heartbeatTimeout = .seconds(60)
        let kind = StressMember.Kind.allCases[random.below(StressMember.Kind.allCases.count)]
        let member = try StressMember(kind, of: self, in: board.context(random.below(100)), options)
        members.append(member)
        sockets.append(WeakSocket(socket: member.socket))
        board.count("sockets")
    }

    private func close() {
        guard let member = anyMember() else { return }
        if let endpoint = member.bound { board.removeBound(endpoint) }
        member.socket.close()
    }

    /// A fresh endpoint. An address and port are not reused, so that no socket reaches the wrong one.
    private func endpoint(_ number: Int) -> String {
        switch random.below(5) {
        case 0: "tcp://127.\(1 + number >> 16 & 127).\(number >> 8 & 255).\(number & 255):*"
        case 1: "ipc://@\(Unique.name())"
        default: "inproc://\(Unique.name())"
        }
    }

    private func bind() throws {
        guard let member = anyMember(), member.isBinder, member.bound == nil else { return }
        // A socket may have connected already.
        if random.below(2) == 0, let place = board.takeWanted(member.partner, context: member.context) {
            try member.socket.bind(place.endpoint)
            member.bound = place.endpoint
            return
        }
        let endpoint = try member.socket.bind(endpoint(board.nextNumber()))
        member.bound = endpoint
        board.addBound(place(of: member, at: endpoint))
        board.count("binds")
    }

    private func place(of member: StressMember, at endpoint: String) -> StressBoard.Place {
        let context = endpoint.hasPrefix("inproc:") ? member.context : nil
        return StressBoard.Place(endpoint: endpoint, type: member.type, owner: member.number, context: context)
    }

    private func connect() throws {
        guard let member = anyMember(), !member.isBinder else { return }
        board.count("connects")
        if random.below(6) == 0 {
            let endpoint = random.below(2) == 0 ? Unique.abstractEndpoint() : Unique.inprocEndpoint()
            try member.socket.connect(endpoint)
            member.connected.append(endpoint)
            return board.addWanted(place(of: member, at: endpoint))
        }
        let places = board.bound(member.partner, context: member.context).filter { !member.known.contains($0.owner) }
        guard !places.isEmpty else { return }
        let place = places[random.below(places.count)]
        try member.socket.connect(place.endpoint)
        member.known.insert(place.owner)
        member.connected.append(place.endpoint)
    }

    private func disconnect() throws {
        guard let member = anyMember(), let endpoint = member.connected.popLast() else { return }
        member.beginStream()
        try member.socket.disconnect(endpoint)
    }

    private func unbind() throws {
        guard let member = anyMember(), let endpoint = member.bound else { return }
        board.removeBound(endpoint)
        try member.socket.unbind(endpoint)
    }

    func noteDelivery(of message: NumberedMessage) {
        if !delivered[message.stream, default: Bits()].insert(message.number) {
            board.report("stream \(message.stream): message \(message.number) was delivered twice")
        }
    }

    // MARK: The end

    /// Only receives from now on.
    func rest() {
        timer?.cancel()
        for member in members { member.resume() }
    }

    /// The members that wait for room of which they should have been notified.
    var waitingInVain: [String] {
        members.filter(\.waitsInVain).map { member in
            let peers = member.socket.pipes.compactMap { pipe -> String? in
                guard let pipe, pipe.peer != nil else { return nil }
                return "\(pipe.endpoint) \(pipe.outbound.held)+\(pipe.sending)"
            }
            return "\(member.kind) \(member.number), I/O threads: \(member.socket.context.ioThreads), \(peers)"
        }
    }

    func finish() {
        members = []
        board.merge(delivered)
        board.count("messages", messages)
    }

    var liveSockets: [SocketType] { sockets.compactMap { $0.socket?.type } }
}
