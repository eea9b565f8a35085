extension LibzmqPeer {
    /// Starts sending the `NumberedMessage`s `first ..< first + count`, each behind the frames of `prefix`.
    public func flooding(
        _ count: Int,
        size: Int = NumberedMessage.minimumSize,
        stream: Int = 0,
        first: Int = 0,
        prefix: [PeerFrame] = [],
        within limit: Duration = .seconds(60)
    ) throws -> PeerReply<Void> {
        var command = PeerCommand("flood")
        command.count = count
        command.size = size
        command.stream = stream
        command.first = PeerCommand.First(first)
        command.prefix = prefix
        command.timeout = limit.milliseconds
        return try start(command, within: limit) { _ in }
    }

    public func flood(
        _ count: Int,
        size: Int = NumberedMessage.minimumSize,
        stream: Int = 0,
        within limit: Duration = .seconds(60)
    ) throws {
        try flooding(count, size: size, stream: stream, within: limit).value()
    }

    /// Starts receiving `count` messages whose last frames are `NumberedMessage`s of that size, and checks that each
    /// stream's arrive in order without a gap, from `first` on; with nil a stream may start anywhere. The value is the
    /// next expected number of each stream.
    public func verifying(
        _ count: Int,
        size: Int = NumberedMessage.minimumSize,
        first: Int? = 0,
        within limit: Duration = .seconds(60)
    ) throws -> PeerReply<[Int: Int]> {
        var command = PeerCommand("verify")
        command.count = count
        command.size = size
        command.first = PeerCommand.First(first)
        command.timeout = limit.milliseconds
        return try start(command, within: limit) { answer in
            let streams = try required(answer.streams, "streams")
            return Dictionary(uniqueKeysWithValues: streams.map { (Int($0)!, $1) })
        }
    }

    @discardableResult
    public func verify(
        _ count: Int,
        size: Int = NumberedMessage.minimumSize,
        first: Int? = 0,
        within limit: Duration = .seconds(60)
    ) throws -> [Int: Int] {
        try verifying(count, size: size, first: first, within: limit).value()
    }

    /// Starts counting messages up to one that equals `last`; without one, until `limit` or until it is stopped.
    public func counting(
        until last: [PeerFrame]? = nil,
        within limit: Duration = .seconds(60)
    ) throws -> PeerReply<Int> {
        var command = PeerCommand("drain")
        command.until = PeerCommand.Until(last)
        command.timeout = limit.milliseconds
        return try start(command, within: limit) { try required($0.integer, "a count") }
    }

    /// Starts echoing every message, `limit` times or until `stop()`, which returns the number of messages.
    public func echoing(_ limit: Int? = nil) throws -> PeerReply<Int> {
        var command = PeerCommand("echo")
        command.limit = PeerCommand.Limit(limit)
        return try start(command) { try required($0.integer, "a count") }
    }

    /// Starts forwarding messages between this socket and another one of the same process, until `stop()`, which
    /// returns the number of messages.
    public func proxying(to backend: LibzmqPeer) throws -> PeerReply<Int> {
        precondition(backend.process === process, "both sockets of a proxy must be in one process")
        var command = PeerCommand("proxy")
        command.backend = backend.number
        return try start(command) { try required($0.integer, "a count") }
    }
}
