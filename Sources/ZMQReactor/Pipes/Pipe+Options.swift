extension Pipe {
    /// What a pipe needs of the options that held when its endpoint was bound or connected, whatever the socket's have
    /// become since.
    struct Options: Sendable {
        let conflates: Bool
        let sending: CreditWindow
        let receiving: CreditWindow
        let slowPeerTimeout: Int64

        /// For a pipe that never has a link.
        static let unlinked = Options(conflates: false, sending: .unlimited, receiving: .unlimited, slowPeerTimeout: 0)

        private init(conflates: Bool, sending: CreditWindow, receiving: CreditWindow, slowPeerTimeout: Int64) {
            (self.conflates, self.slowPeerTimeout) = (conflates, slowPeerTimeout)
            (self.sending, self.receiving) = (sending, receiving)
        }

        @inline(__always)
        init(_ options: SocketOptions) {
            conflates = options.isConflating
            slowPeerTimeout = options.limits.slowPeerTimeout?.roundedUpNanoseconds ?? 0
            let (sent, received) = (options.sendHighWaterMark, options.receiveHighWaterMark)
            sending = conflates ? .unlimited : CreditWindow(messages: sent, bytes: options.sendHighWaterMarkBytes)
            receiving =
                conflates ? .unlimited : CreditWindow(messages: received, bytes: options.receiveHighWaterMarkBytes)
        }
    }
}
