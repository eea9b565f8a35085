import ZMQReactor

// The messages of the Majordomo Protocol 0.2 (RFC 18). At the broker, the address of the peer is in front of each.

/// What a client and the broker send to each other.
enum ClientCommand: Equatable {
    case request(service: Frame, body: Message)
    case partial(service: Frame, body: Message)
    case final(service: Frame, body: Message)

    private static let header: Frame = "MDPC02"

    /// Nil if the message is none of these.
    init?(_ message: Message) {
        guard let (head, body) = message.split(envelope: 3), head.frame(0) == Self.header,
            let code = head.frame(1)?.integer(as: UInt8.self), let service = head.frame(2)
        else { return nil }
        switch code {
        case 1: self = .request(service: service, body: body)
        case 2: self = .partial(service: service, body: body)
        case 3: self = .final(service: service, body: body)
        default: return nil
        }
    }

    var message: Message {
        switch self {
        case .request(let service, let body): [Self.header, [1], service] + body
        case .partial(let service, let body): [Self.header, [2], service] + body
        case .final(let service, let body): [Self.header, [3], service] + body
        }
    }
}

/// What a worker and the broker send to each other.
enum WorkerCommand: Equatable {
    case ready(service: Frame)
    case request(client: Frame, body: Message)
    case partial(client: Frame, body: Message)
    case final(client: Frame, body: Message)
    case heartbeat
    case disconnect

    private static let header: Frame = "MDPW02"

    /// Nil if the message is none of these.
    init?(_ message: Message) {
        guard message.frame(0) == Self.header, let code = message.frame(1)?.integer(as: UInt8.self) else { return nil }
        switch code {
        case 1:
            guard let service = message.frame(2), message.count == 3 else { return nil }
            self = .ready(service: service)
        case 2...4:
            guard let (head, body) = message.split(envelope: 4), let client = head.frame(2),
                head.frame(3)?.isEmpty == true
            else { return nil }
            self =
                switch code {
                case 2: .request(client: client, body: body)
                case 3: .partial(client: client, body: body)
                default: .final(client: client, body: body)
                }
        case 5 where message.count == 2: self = .heartbeat
        case 6 where message.count == 2: self = .disconnect
        default: return nil
        }
    }

    var message: Message {
        switch self {
        case .ready(let service): [Self.header, [1], service]
        case .request(let client, let body): [Self.header, [2], client, ""] + body
        case .partial(let client, let body): [Self.header, [3], client, ""] + body
        case .final(let client, let body): [Self.header, [4], client, ""] + body
        case .heartbeat: [Self.header, [5]]
        case .disconnect: [Self.header, [6]]
        }
    }
}
