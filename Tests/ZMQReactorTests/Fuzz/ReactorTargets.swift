import ZMQReactorTestSupport

extension FuzzTarget {
    /// The parts of the module `ZMQReactor` that take a peer's bytes and need no descriptor. A new one is a new row.
    static let reactor: [FuzzTarget] = [
        FuzzTarget("endpoint", run: fuzzEndpoint),
        FuzzTarget("socks", run: fuzzSocks),
        FuzzTarget("input-buffer", run: fuzzInputBuffer),
        FuzzTarget("connection", run: fuzzConnection),
        FuzzTarget("connection-life", run: fuzzConnectionLife),
        FuzzTarget("websocket-connection", run: fuzzWebSocketConnection),
        FuzzTarget("memory-ring", run: fuzzMemoryRing),
        FuzzTarget("subscription-tree", run: fuzzSubscriptionTree),
    ]
}
