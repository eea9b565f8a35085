/// The outcome of closing a socket.
public struct CloseReport: Sendable, Equatable {
    /// Messages still queued when the linger ended.
    public let unsentMessages: Int
}
