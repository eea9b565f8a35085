import EventReactor
import ZMQReactor
import ZMTP

// The form of `/status.json`. Times are in seconds, those of the clock since 1970; sizes in bytes. What is not known is
// null. Much of the text is a peer's choice.

extension Report {
    var json: JSON {
        [
            "program": [
                "name": .string(program.name), "pid": .integer(program.id), "host": .string(program.host),
                "version": .string(program.version), "uptime": JSON(seconds: uptime), "memory": JSON(memory),
            ],
            "time": .number(time.secondsSince1970),
            "reactors": .array(reactors.map(\.json)),
            "events": .array(events.map(\.json)),
        ]
    }
}

extension ReactorReport {
    fileprivate var json: JSON {
        [
            "number": .integer(number), "kind": .string(kind.rawValue), "silence": JSON(seconds: silence),
            "status": status?.json ?? .null,
        ]
    }
}

extension ReactorStatus {
    fileprivate var json: JSON {
        [
            "threadName": .string(threadName), "threadID": JSON(threadID),
            "time": .number(Double(time) / 1e9), "turns": turnsJSON, "timers": .integer(timers),
            "watchers": .integer(watchers),
            "sockets": .array(sockets.map(\.json)), "socketsOmitted": .integer(socketsOmitted),
        ]
    }
}

extension ReactorStatus {
    private var turnsJSON: JSON {
        [
            "turns": .integer(turns.turns), "busyTime": JSON(seconds: turns.busyTime),
            "longestTurn": JSON(seconds: turns.longestTurn), "handlers": .integer(turns.handlers.count),
            "slowHandlers": .integer(slowHandlers), "slowLimit": JSON(seconds: TurnWatch.limit),
            "lastSlowHandler": JSON(lastSlowHandler?.description),
        ]
    }
}

extension SocketStatus {
    fileprivate var json: JSON {
        [
            "number": .integer(number), "type": .string(type.rawValue), "isClosing": .bool(isClosing),
            "endpoints": .array(endpoints.map(\.json)), "statistics": statistics.json,
            "messagesQueued": .integer(messagesQueued), "messagesWaiting": .integer(messagesWaiting),
            "connections": .array(connections.map(\.json)), "connectionsOmitted": .integer(connectionsOmitted),
        ]
    }
}

extension SocketStatistics {
    fileprivate var json: JSON {
        [
            "messagesSent": .integer(messagesSent), "messagesReceived": .integer(messagesReceived),
            "bytesSent": .integer(bytesSent), "bytesReceived": .integer(bytesReceived),
            "sendsRefused": .integer(sendsRefused), "connectionsMade": .integer(connectionsMade),
            "reconnects": .integer(reconnects), "handshakeFailures": .integer(handshakeFailures),
            "messagesDropped": .integer(messagesDropped),
            "dropped": .object(DropReason.all.compactMap { counter($0.name, dropped[$0]) }),
            "limits": .object(SocketLimit.all.compactMap { counter($0.name, limits[$0]) }),
        ]
    }

    /// Of the many reasons, those that have occurred.
    private func counter(_ name: String, _ count: Int) -> JSON.Member? {
        count > 0 ? JSON.Member(name: name, value: .integer(count)) : nil
    }
}

extension EndpointInfo {
    fileprivate var json: JSON {
        ["endpoint": .string(endpoint), "state": .string(state.rawValue), "sendQueue": sendQueue.json]
    }
}

extension QueueLevel {
    fileprivate var json: JSON {
        [
            "messages": .integer(messages), "bytes": .integer(bytes), "messageMark": JSON(messageMark),
            "byteMark": JSON(byteMark),
        ]
    }
}

extension ConnectionInfo {
    fileprivate var json: JSON {
        [
            "endpoint": .string(endpoint), "isAccepted": .bool(isAccepted), "peer": peer.json,
            "peerType": JSON(peerType?.rawValue), "protocolVersion": JSON(protocolVersion),
            "mechanism": JSON(mechanism), "roundTrip": JSON(seconds: heartbeatRoundTrip),
            "messagesSent": .integer(messagesSent), "messagesReceived": .integer(messagesReceived),
            "bytesSent": .integer(bytesSent), "bytesReceived": .integer(bytesReceived), "sendQueue": sendQueue.json,
            "receiveQueue": receiveQueue.json,
        ]
    }
}

extension PeerDescription {
    fileprivate var json: JSON {
        [
            "address": .string(address), "routingID": JSON(routingID?.description), "userID": JSON(userID?.clipped),
            "properties": .object(
                properties.sorted { $0.key < $1.key }.prefix(Self.propertyLimit).map { name, value in
                    JSON.Member(name: name.clipped, value: .string(String(decoding: value, as: UTF8.self).clipped))
                }
            ),
        ]
    }

    private static let propertyLimit = 16
}

extension EventLog.Entry {
    fileprivate var json: JSON {
        [
            "number": .integer(number), "time": .number(time.secondsSince1970), "count": .integer(count),
            "socket": .integer(source.number), "type": .string(source.type.rawValue), "name": .string(event.name),
            "endpoint": .string(event.endpoint), "peer": JSON(event.peer?.description.clipped),
            "reason": JSON((event.reason?.description ?? event.limit?.name)?.clipped),
        ]
    }
}

extension String {
    /// As much of a text of a peer's choice as is shown.
    fileprivate var clipped: String { utf8.count <= 200 ? self : String(unicodeScalars.prefix(200)) + "…" }
}

extension WallClockTime {
    fileprivate var secondsSince1970: Double { Double(seconds) + Double(nanoseconds) / 1e9 }
}
