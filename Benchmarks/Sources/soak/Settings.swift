import ZMQReactor

/// What a socket is to do, from words like `type=push name=push-1 sender=7 rate=1000 bind=tcp://127.0.0.1:5555`.
struct Settings: Sendable {
    struct Invalid: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    var type = ""
    var name = ""
    /// Who the messages are from.
    var sender: UInt32 = 0
    /// Messages per second.
    var rate = 0
    /// Milliseconds of pause after every 200 messages.
    var breaks = 0
    var binds: [String] = []
    var connects: [String] = []
    var options = SocketOptions()

    init(_ words: some Sequence<String>) throws {
        options.linger = .atMost(.seconds(5))
        options.reconnectInterval = .milliseconds(20)
        options.reconnectIntervalMax = .milliseconds(200)
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw Invalid("'\(word)' is not key=value") }
            let (key, value) = (parts[0], parts[1])
            switch key {
            case "type": type = value
            case "name": name = value
            case "bind": binds.append(value)
            case "connect": connects.append(value)
            default:
                guard let number = Int(value) else { throw Invalid("'\(word)' has no number") }
                switch key {
                case "sender": sender = UInt32(number)
                case "rate": rate = number
                case "breaks": breaks = number
                case "mark": (options.sendHighWaterMark, options.receiveHighWaterMark) = (number, number)
                default: throw Invalid("there is no setting \(key)")
                }
            }
        }
    }
}
