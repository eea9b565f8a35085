extension LibzmqPeer {
    /// Starts sending a message, `count` times.
    public func sending(
        _ message: [PeerFrame],
        count: Int = 1,
        within limit: Duration = .seconds(10)
    ) throws -> PeerReply<Void> {
        var command = PeerCommand("send")
        command.message = message
        command.count = count
        command.timeout = limit.milliseconds
        return try start(command, within: limit) { _ in }
    }

    /// Sends a message; returns when libzmq has accepted it.
    public func send(_ message: PeerFrame..., count: Int = 1, within limit: Duration = .seconds(10)) throws {
        try sending(message, count: count, within: limit).value()
    }

    /// Sends a message until libzmq accepts no more, and returns how often it did.
    public func fill(with message: PeerFrame..., limit: Int) throws -> Int {
        var command = PeerCommand("fill")
        command.message = message
        command.limit = PeerCommand.Limit(limit)
        return try start(command) { try required($0.integer, "a count") }.value()
    }

    /// Starts receiving `count` messages, each a list of frames.
    public func receiving(
        count: Int,
        within limit: Duration = .seconds(10)
    ) throws -> PeerReply<[[[UInt8]]]> {
        var command = PeerCommand("receive")
        command.count = count
        command.timeout = limit.milliseconds
        return try start(command, within: limit) { answer in
            try required(answer.messages, "messages").map { $0.map(bytes(hexadecimal:)) }
        }
    }

    /// Starts receiving one message, a list of frames.
    public func receiving(within limit: Duration = .seconds(10)) throws -> PeerReply<[[UInt8]]> {
        try receiving(count: 1, within: limit).map { $0[0] }
    }

    public func receive(count: Int, within limit: Duration = .seconds(10)) throws -> [[[UInt8]]] {
        try receiving(count: count, within: limit).value()
    }

    public func receive(within limit: Duration = .seconds(10)) throws -> [[UInt8]] {
        try receiving(within: limit).value()
    }

    /// A message of text frames.
    public func receiveText(within limit: Duration = .seconds(10)) throws -> [String] {
        try receive(within: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Starts receiving `count` messages, all of which must equal `message`. The peer compares them, so they may be
    /// large.
    public func expecting(
        _ message: [PeerFrame],
        count: Int = 1,
        within limit: Duration = .seconds(10)
    ) throws -> PeerReply<Void> {
        var command = PeerCommand("expect")
        command.message = message
        command.count = count
        command.timeout = limit.milliseconds
        return try start(command, within: limit) { _ in }
    }

    public func expect(_ message: PeerFrame..., count: Int = 1, within limit: Duration = .seconds(10)) throws {
        try expecting(message, count: count, within: limit).value()
    }

    /// Starts checking that nothing arrives for `duration`.
    public func expectingNothing(for duration: Duration) throws -> PeerReply<Void> {
        var command = PeerCommand("expect_nothing")
        command.duration = duration.milliseconds
        return try start(command, within: duration) { _ in }
    }

    public func expectNothing(for duration: Duration = .milliseconds(100)) throws {
        try expectingNothing(for: duration).value()
    }
}
