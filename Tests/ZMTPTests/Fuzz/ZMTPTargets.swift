import ZMQReactorTestSupport

extension FuzzTarget {
    /// The parts of the module `ZMTP` that parse a peer's bytes. A new one is a new row.
    static let zmtp: [FuzzTarget] = all + curve

    private static let all: [FuzzTarget] = [
        FuzzTarget("handshake", run: fuzzHandshake),
        FuzzTarget("traffic", run: fuzzTraffic),
        FuzzTarget("metadata", run: fuzzMetadata),
        FuzzTarget("subscriptions", run: fuzzSubscriptions),
        FuzzTarget("groups", run: fuzzGroups),
        FuzzTarget("translation", run: fuzzTranslation),
        FuzzTarget("liveness", run: fuzzLiveness),
        FuzzTarget("null", run: fuzzNull),
        FuzzTarget("plain", run: fuzzPlain),
        FuzzTarget("z85", run: fuzzZ85),
        FuzzTarget("zap", run: fuzzZAP),
        FuzzTarget("upgrade", run: fuzzUpgrade),
        FuzzTarget("websocket", run: fuzzWebSocket),
        FuzzTarget("multicast-framing", run: fuzzMulticastFraming),
        FuzzTarget("pgm", run: fuzzPGM),
        FuzzTarget("group-datagram", run: fuzzGroupDatagram),
    ]

    #if Curve
        private static let curve: [FuzzTarget] = [
            FuzzTarget("curve-server", run: fuzzCurveServer),
            FuzzTarget("curve-client", run: fuzzCurveClient),
        ]
    #else
        private static let curve: [FuzzTarget] = []
    #endif
}
