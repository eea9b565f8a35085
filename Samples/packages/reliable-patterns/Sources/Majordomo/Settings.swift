/// The times of a broker and of its workers, which must agree on the heartbeats.
public struct HeartbeatSettings: Sendable {
    /// How often each side sends a sign of life. Default 2.5 s.
    public var interval: Duration = .milliseconds(2_500)

    /// After how many intervals of silence the other side counts as gone. Default 4.
    public var liveness = 4

    /// The silence after which the other side counts as gone.
    var limit: Duration { interval * liveness }

    public init() {}
}
