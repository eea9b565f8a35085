/// The three endpoints of a server.
public struct CloneEndpoints: Sendable {
    /// Where clients ask for snapshots: a ROUTER.
    public var snapshots: String
    /// Where changes are published: an XPUB.
    public var changes: String
    /// Where clients send their changes: a SUB.
    public var collector: String

    public init(snapshots: String, changes: String, collector: String) {
        self.snapshots = snapshots
        self.changes = changes
        self.collector = collector
    }

    /// Three TCP ports in a row, as in RFC 12. The host of a server is `*`.
    public init(host: String, port: Int) {
        self.init(
            snapshots: "tcp://\(host):\(port)",
            changes: "tcp://\(host):\(port + 1)",
            collector: "tcp://\(host):\(port + 2)"
        )
    }

    /// The same names with three endings: `ipc:///run/map` has `ipc:///run/map.snapshots` and so on.
    public init(prefix: String) {
        self.init(snapshots: prefix + ".snapshots", changes: prefix + ".changes", collector: prefix + ".collector")
    }
}
