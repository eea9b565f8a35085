import ZMQReactor

/// A socket at one moment.
struct SocketStatus: Sendable, Equatable {
    let number: Int
    let type: SocketType
    let isClosing: Bool
    let endpoints: [EndpointInfo]
    let statistics: SocketStatistics
    let messagesQueued: Int
    let messagesWaiting: Int
    let connections: [ConnectionInfo]
    let connectionsOmitted: Int

    /// The most connections that are shown.
    static let connectionLimit = 100

    init(_ socket: Socket) {
        number = socket.number
        type = socket.type
        isClosing = socket.isClosed
        endpoints = socket.endpoints
        statistics = socket.statistics
        messagesQueued = socket.messagesQueued
        messagesWaiting = socket.messagesWaiting
        let all = socket.connections
        connectionsOmitted = max(0, all.count - Self.connectionLimit)
        // Where there are too many, those with full queues are worth a look.
        connections =
            connectionsOmitted == 0
            ? all : all.largest(Self.connectionLimit) { $0.messagesQueued + $0.messagesWaiting }
    }
}
