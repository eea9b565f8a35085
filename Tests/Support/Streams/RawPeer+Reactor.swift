public import EventReactor

/// Reading while a reactor runs on the same thread.
extension RawPeer {
    /// Runs the reactor until there are `count` bytes, and takes them.
    public func receive(_ count: Int, _ reactor: Reactor) throws -> [UInt8] {
        try reactor.run(
            until: {
                poll()
                guard received.count >= count || !isClosed else { throw TestFailure("closed behind \(received)") }
                return received.count >= count
            },
            "\(count) bytes"
        )
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    /// Runs the reactor until the other side has closed, and takes the bytes before that.
    public func receiveAll(_ reactor: Reactor) throws -> [UInt8] {
        try reactor.run(
            until: {
                poll()
                return isClosed
            },
            "the end of the connection"
        )
        defer { received = [] }
        return received
    }

    /// Runs the reactor for a while, in which nothing may arrive.
    public func receiveNothing(_ reactor: Reactor) throws {
        reactor.run(for: .milliseconds(30))
        poll()
        guard received.isEmpty, !isClosed else { throw TestFailure("did not expect \(received), closed: \(isClosed)") }
    }
}

extension RawListener {
    /// Runs the reactor until a peer connects.
    public func accept(_ reactor: Reactor) throws -> RawPeer {
        var peer: RawPeer?
        try reactor.run(
            until: {
                peer = accept()
                return peer != nil
            },
            "a connection"
        )
        return peer!
    }
}
