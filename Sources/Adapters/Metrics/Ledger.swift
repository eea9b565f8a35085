#if Metrics
    import Metrics
    import ZMQReactor

    /// What has been published, on the thread that calls the backend: the next reading adds the difference.
    final class Ledger: ReactorLocal {
        private var sockets: [Int: SocketSample] = [:]
        private var groups: [SocketGroup: SocketInstruments] = [:]
        private var reactors: [String: (published: TurnStatistics, instruments: ReactorInstruments)] = [:]

        func publish(_ samples: [SocketSample], _ turns: ReactorSample?, to factory: any MetricsFactory) {
            for sample in samples {
                let instruments = groups[sample.group] ?? SocketInstruments(sample.group, factory)
                groups[sample.group] = instruments
                instruments.add(sample.statistics, since: sockets[sample.key]?.statistics ?? SocketStatistics())
                sockets[sample.key] = sample.hasEnded ? nil : sample
            }
            for group in Set(samples.map(\.group)) {
                // Sockets of other reactors count with their last reading.
                groups[group]?.set(sockets.values.filter { $0.group == group })
            }
            guard let turns else { return }
            var entry = reactors[turns.name] ?? (TurnStatistics(), ReactorInstruments(turns.name, factory))
            entry.instruments.add(turns.statistics, since: entry.published)
            entry.published = turns.statistics
            reactors[turns.name] = entry
        }
    }
#endif
