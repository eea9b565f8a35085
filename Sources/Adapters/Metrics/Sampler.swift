#if Metrics
    import Metrics
    import ZMQReactor

    /// Reads the counters of a reactor and its sockets for one publisher. On the reactor's thread.
    ///
    /// Its timer keeps it, as long as there is something to read.
    final class Sampler: ZMQReactor.TimerHandler {
        private let key = UniqueNumber.next()
        private unowned let reactor: Reactor
        private let thread: BackendThread
        private let factory: any MetricsFactory
        private var timer: ReactorTimer?
        private var sources: [SocketSource] = []
        var reactorName: String?

        static func of(_ publisher: MetricsPublisher, on reactor: Reactor) -> Sampler {
            let samplers = Samplers.of(reactor)
            let key = ObjectIdentifier(publisher.thread)
            if let sampler = samplers.all[key] { return sampler }
            let sampler = Sampler(publisher, on: reactor)
            samplers.all[key] = sampler
            return sampler
        }

        private init(_ publisher: MetricsPublisher, on reactor: Reactor) {
            (self.reactor, thread, factory) = (reactor, publisher.thread, publisher.factory)
            timer = reactor.every(publisher.interval, handler: self)
        }

        deinit { thread.submit(counted: false) { [key] in Ledger.of($0).forgetReactor(key) } }

        /// A socket that is published already is not added again: a name, if there is one, is its new one.
        func add(_ socket: Socket, _ name: String?) {
            if let source = sources.first(where: { !$0.hasEnded && $0.number == socket.number }) {
                if let name { source.name = name }
                return
            }
            let source = SocketSource(socket, name, for: self)
            if socket.add(source) { sources.append(source) }
        }

        func timerFired(_ timer: ReactorTimer) {
            let turns = reactorName.map { ReactorSample(key: key, name: $0, statistics: reactor.turnStatistics) }
            hand(over: sources, turns)
            stopIfIdle()
        }

        private func stopIfIdle() {
            guard sources.isEmpty, reactorName == nil else { return }
            timer?.cancel()
            Samplers.of(reactor).all[ObjectIdentifier(thread)] = nil
        }

        /// The socket is closed: its last reading does not wait for the timer, which a reactor that ends has no more.
        func ended(_ source: SocketSource) {
            hand(over: [source], nil, counted: false)
            stopIfIdle()
        }

        private func hand(over sources: [SocketSource], _ turns: ReactorSample?, counted: Bool = true) {
            let samples = sources.map(\.sample)
            guard !samples.isEmpty || turns != nil else { return }
            let factory = factory
            let isAccepted = thread.submit(counted: counted) { reactor in
                Ledger.of(reactor).publish(samples, turns, to: factory)
            }
            // What does not fit is read again: a socket stays until its last reading has been accepted.
            if isAccepted { self.sources.removeAll { source in source.hasEnded && sources.contains { $0 === source } } }
        }
    }

    /// The samplers of a reactor, by their publisher's thread.
    private final class Samplers: ReactorLocal {
        var all: [ObjectIdentifier: Sampler] = [:]
    }

    /// A socket whose counters are read.
    final class SocketSource: SocketEventReceiver {
        private let key = UniqueNumber.next()
        let number: Int
        var name: String?
        private let type: String
        private unowned let socket: Socket
        private unowned let sampler: Sampler
        /// Of a closed socket.
        private var last: SocketSample?

        init(_ socket: Socket, _ name: String?, for sampler: Sampler) {
            (self.socket, self.sampler) = (socket, sampler)
            (number, type, self.name) = (socket.number, "\(socket.type)", name)
        }

        private var group: SocketGroup { SocketGroup(type: type, name: name) }

        var hasEnded: Bool { last != nil }

        var sample: SocketSample {
            last
                ?? SocketSample(
                    key: key,
                    group: group,
                    statistics: socket.statistics,
                    queued: socket.messagesQueued,
                    waiting: socket.messagesWaiting,
                    peers: socket.peerCount,
                    hasEnded: false
                )
        }

        func take(_ event: SocketEvent) {}

        func eventsEnd() {
            last = SocketSample(key: key, group: group, statistics: socket.statistics, hasEnded: true)
            sampler.ended(self)
        }
    }
#endif
