#if Metrics
    import Metrics
    import ZMQReactor

    /// What has been published, on the thread that calls the backend: the next reading adds the difference.
    final class Ledger: ReactorLocal {
        private var sockets: [Int: SocketSample] = [:]
        private var groups: [SocketGroup: SocketInstruments] = [:]
        private var reactors: [Int: ReactorSample] = [:]
        /// By the names of reactors, which several may share.
        private var names: [String: ReactorInstruments] = [:]

        func publish(_ samples: [SocketSample], _ turns: ReactorSample?, to factory: any MetricsFactory) {
            var changed: Set<SocketGroup> = []
            for sample in samples {
                let instruments = groups[sample.group] ?? SocketInstruments(sample.group, factory)
                groups[sample.group] = instruments
                let old = sockets[sample.key]
                instruments.add(sample.statistics, since: old?.statistics ?? SocketStatistics())
                sockets[sample.key] = sample.hasEnded ? nil : sample
                changed.insert(sample.group)
                // It may have had another name.
                if let old { changed.insert(old.group) }
            }
            for group in changed {
                // Sockets of other reactors count with their last reading.
                groups[group]?.set(sockets.values.filter { $0.group == group })
            }
            if let turns { publish(turns, to: factory) }
        }

        private func publish(_ turns: ReactorSample, to factory: any MetricsFactory) {
            let instruments = names[turns.name] ?? ReactorInstruments(turns.name, factory)
            names[turns.name] = instruments
            instruments.add(turns.statistics, since: reactors[turns.key]?.statistics ?? TurnStatistics())
            reactors[turns.key] = turns
            instruments.set(reactors.values.filter { $0.name == turns.name })
        }

        /// A reactor is gone.
        func forgetReactor(_ key: Int) { reactors[key] = nil }
    }
#endif
