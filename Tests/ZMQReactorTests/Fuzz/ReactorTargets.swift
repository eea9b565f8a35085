import TestSupport

extension FuzzTarget {
    /// What of the module `ZMQReactor` takes bytes from strangers and needs no descriptor. Another one is another row.
    static let reactor: [FuzzTarget] = [
        FuzzTarget("endpoint", run: fuzzEndpoint),
        FuzzTarget("socks", run: fuzzSocks),
        FuzzTarget("input-buffer", run: fuzzInputBuffer),
        FuzzTarget("subscription-tree", run: fuzzSubscriptionTree),
    ]
}
