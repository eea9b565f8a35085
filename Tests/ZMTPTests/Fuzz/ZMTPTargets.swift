import ZMQReactorTestSupport

extension FuzzTarget {
    /// The parts of the module `ZMTP` that parse a peer's bytes. A new one is a new row.
    static let zmtp: [FuzzTarget] = [
        FuzzTarget("handshake", run: fuzzHandshake),
        FuzzTarget("traffic", run: fuzzTraffic),
        FuzzTarget("metadata", run: fuzzMetadata),
        FuzzTarget("subscriptions", run: fuzzSubscriptions),
        FuzzTarget("translation", run: fuzzTranslation),
        FuzzTarget("liveness", run: fuzzLiveness),
    ]
}
