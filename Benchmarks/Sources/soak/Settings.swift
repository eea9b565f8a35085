import ZMQReactor

/// The settings of a socket, from words like `type=push name=push-1 sender=7 rate=1000 bind=tcp://127.0.0.1:5555`.
struct Settings: Sendable {
    struct Invalid: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    var type = ""
    var name = ""
    /// The sender number in its messages.
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
            case "certificate": options.tls.certificateFile = value
            case "key": options.tls.privateKeyFile = value
            case "authorities": options.tls.authoritiesFile = value
            default:
                guard let number = Int(value) else { throw Invalid("'\(word)' is not a number") }
                switch key {
                case "sender": sender = UInt32(number)
                case "rate": rate = number
                case "breaks": breaks = number
                case "mark": (options.sendHighWaterMark, options.receiveHighWaterMark) = (number, number)
                default: throw Invalid("unknown setting \(key)")
                }
            }
        }
    }
}
