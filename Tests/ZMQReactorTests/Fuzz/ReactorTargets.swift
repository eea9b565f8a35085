import ZMQReactorTestSupport

extension FuzzTarget {
    /// The parts of the module `ZMQReactor` that parse a peer's bytes and need no descriptor. A new one is a new row.
    static let reactor: [FuzzTarget] = [
        FuzzTarget("endpoint", run: fuzzEndpoint),
        FuzzTarget("socks", run: fuzzSocks),
        FuzzTarget("input-buffer", run: fuzzInputBuffer),
        FuzzTarget("subscription-tree", run: fuzzSubscriptionTree),
    ]
}
