import TestSupport

extension FuzzTarget {
    /// What of the module `ZMTP` takes bytes from strangers. Another one is another row.
    static let zmtp: [FuzzTarget] = [
        FuzzTarget("handshake", run: fuzzHandshake),
        FuzzTarget("traffic", run: fuzzTraffic),
        FuzzTarget("metadata", run: fuzzMetadata),
        FuzzTarget("subscriptions", run: fuzzSubscriptions),
        FuzzTarget("translation", run: fuzzTranslation),
        FuzzTarget("liveness", run: fuzzLiveness),
    ]
}
