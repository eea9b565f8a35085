#if Metrics
    import Metrics
    import ZMQReactor

    typealias Dimensions = [(String, String)]

    /// The metrics of a group of sockets.
    final class SocketInstruments {
        private let factory: any MetricsFactory
        private let dimensions: Dimensions
        /// Each with its value in the statistics.
        private let counters: [(counter: Counter, value: (SocketStatistics) -> Int)]
        private let gauges: [(meter: Meter, value: (SocketSample) -> Int)]
        private let roundTrips: HistogramInstrument
        /// Made at the first use.
        private var drops: [DropReason: Counter] = [:]
        private var limits: [SocketLimit: Counter] = [:]

        init(_ group: SocketGroup, _ factory: any MetricsFactory) {
            var dimensions: Dimensions = [("messaging.system", "zeromq"), ("zmq.socket.type", group.type)]
            if let name = group.name { dimensions.append(("messaging.destination.name", name)) }
            func counter(_ label: String, _ more: (String, String)? = nil) -> Counter {
                Counter(label: label, dimensions: dimensions + (more.map { [$0] } ?? []), factory: factory)
            }
            func meter(_ label: String) -> Meter { Meter(label: label, dimensions: dimensions, factory: factory) }
            (self.factory, self.dimensions) = (factory, dimensions)
            counters = [
                (counter("messaging.client.sent.messages", ("messaging.operation.name", "send")), \.messagesSent),
                (
                    counter("messaging.client.consumed.messages", ("messaging.operation.name", "receive")),
                    \.messagesReceived
                ),
                (counter("zmq.socket.sent.bytes"), \.bytesSent),
                (counter("zmq.socket.received.bytes"), \.bytesReceived),
                (counter("zmq.socket.refused.sends"), \.sendsRefused),
                (counter("zmq.socket.made.connections"), \.connectionsMade),
                (counter("zmq.socket.reconnects"), \.reconnects),
                (counter("zmq.socket.failed.handshakes"), \.handshakeFailures),
            ]
            gauges = [
                (meter("zmq.socket.connections"), \.peers),
                (meter("zmq.socket.queued.messages"), \.queued),
                (meter("zmq.socket.waiting.messages"), \.waiting),
            ]
            roundTrips = HistogramInstrument("zmq.socket.heartbeat.round_trip", dimensions, factory)
        }

        func add(_ statistics: SocketStatistics, since old: SocketStatistics) {
            for (counter, value) in counters { counter.add(value(statistics) - value(old)) }
            for reason in DropReason.all where statistics.dropped[reason] > old.dropped[reason] {
                let counter =
                    drops[reason] ?? self.counter("zmq.socket.dropped.messages", ("zmq.drop.reason", reason.name))
                drops[reason] = counter
                counter.add(statistics.dropped[reason] - old.dropped[reason])
            }
            for limit in SocketLimit.all where statistics.limits[limit] > old.limits[limit] {
                let counter = limits[limit] ?? self.counter("zmq.socket.exceeded.limits", ("zmq.limit", limit.name))
                limits[limit] = counter
                counter.add(statistics.limits[limit] - old.limits[limit])
            }
            roundTrips.add(statistics.heartbeatRoundTrips, since: old.heartbeatRoundTrips)
        }

        func set(_ samples: [SocketSample]) {
            for (meter, value) in gauges { meter.set(samples.reduce(0) { $0 + value($1) }) }
        }

        private func counter(_ label: String, _ more: (String, String)) -> Counter {
            Counter(label: label, dimensions: dimensions + [more], factory: factory)
        }
    }

    /// The metrics of the reactors of one name.
    final class ReactorInstruments {
        private let turns: Counter
        private let busy: FloatingPointCounter
        private let longest: Meter
        private let handlers: HistogramInstrument

        init(_ name: String, _ factory: any MetricsFactory) {
            let dimensions = [("reactor", name)]
            turns = Counter(label: "reactor.turns", dimensions: dimensions, factory: factory)
            busy = FloatingPointCounter(label: "reactor.busy.seconds", dimensions: dimensions, factory: factory)
            longest = Meter(label: "reactor.longest_turn.seconds", dimensions: dimensions, factory: factory)
            handlers = HistogramInstrument("reactor.handler.duration", dimensions, factory)
        }

        func add(_ statistics: TurnStatistics, since old: TurnStatistics) {
            turns.add(statistics.turns - old.turns)
            busy.add((statistics.busyTime - old.busyTime).seconds)
            handlers.add(statistics.handlers, since: old.handlers)
        }

        func set(_ samples: [ReactorSample]) {
            longest.set(samples.map(\.statistics.longestTurn).max()?.seconds ?? 0)
        }
    }

    /// A histogram as counters, in the form of Prometheus: each bucket counts what is not longer than its limit, `le`.
    struct HistogramInstrument {
        private let buckets: [Counter]
        private let count: Counter
        private let sum: FloatingPointCounter

        init(_ label: String, _ dimensions: Dimensions, _ factory: any MetricsFactory) {
            let limits = DurationHistogram.limits.map { "\($0.seconds)" } + ["+Inf"]
            buckets = limits.map {
                Counter(label: "\(label).seconds.bucket", dimensions: dimensions + [("le", $0)], factory: factory)
            }
            count = Counter(label: "\(label).seconds.count", dimensions: dimensions, factory: factory)
            sum = FloatingPointCounter(label: "\(label).seconds.sum", dimensions: dimensions, factory: factory)
        }

        func add(_ histogram: DurationHistogram, since old: DurationHistogram) {
            var total = 0
            for (bucket, counter) in buckets.enumerated() {
                total += histogram[bucket] - old[bucket]
                counter.add(total)
            }
            count.add(total)
            sum.add((histogram.sum - old.sum).seconds)
        }
    }

    extension Counter {
        fileprivate func add(_ number: Int) { if number > 0 { increment(by: number) } }
    }

    extension FloatingPointCounter {
        fileprivate func add(_ number: Double) { if number > 0 { increment(by: number) } }
    }

    extension Duration {
        fileprivate var seconds: Double { self / .seconds(1) }
    }
#endif
