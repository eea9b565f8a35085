import ZMQReactor

/// What has happened in a world, as plain values: what `Books` looks into.
struct Facts {
    enum End: Equatable {
        /// It lives.
        case none
        /// It lingers.
        case closing
        case closed(unsent: Int)
        /// It was there, and is not any more.
        case crashed
    }

    /// What a socket has counted.
    struct Counters: Equatable {
        var sent = 0
        var received = 0
        var bytesSent = 0
        var bytesReceived = 0
        var dropped: [DropReason: Int] = [:]

        func dropped(_ reasons: [DropReason]) -> Int { reasons.reduce(0) { $0 + (dropped[$1] ?? 0) } }
    }

    /// A socket from its start to its end.
    struct Party {
        var name: String
        var role: Role
        var end = End.none
        var counters: Counters?
        /// Drops that were reported to the handler, message by message.
        var reportedDrops = 0
        /// Messages that `disconnect` has reported as unsent.
        var unsentAtDisconnects = 0
        var conflates = false
        /// It has been connected again by its application: then one message may take another way than the one before.
        var hasChangedWays = false
        /// It has hung up on peers.
        var hasHungUp = false
        /// A peer may take the name of another one, or its own, and what has been read of the earlier connection is lost.
        var handsOver = false
        /// Whether it may have read what it ignored, because it did not want the connection any more.
        var ignoresSome: Bool { hasHungUp || hasChangedWays || handsOver }
        /// The group of sockets of one program that only talk to each other, if it is in one.
        var group: Int?
        /// The other socket of its proxy, if it has one.
        var partner: Int?
        /// What its proxies have taken from it.
        var forwarded = 0
        /// The two sockets whose messages it shows, if it is the capture socket of a proxy, and how many messages it was
        /// given, and how many it had no room for.
        var shows: [Int] = []
        var shown = 0
        var notShown = 0
        /// Whether it receives what such a socket shows.
        var isWitness = false
        /// Whether it sends what others have said.
        var relays: Bool { partner != nil || !shows.isEmpty }
    }

    struct Receipt {
        var party: Int
        /// The order of receipt at the party.
        var order: Int
    }

    /// To whom a message must get.
    enum Audience: Equatable {
        case any
        case someone
        /// Each of these parties.
        case all([Int])
    }

    /// A message that a socket has accepted. Its number is its index.
    struct Entry {
        var sender: Int
        /// How many peers are to get it.
        var copies: Int
        var receipts: [Receipt] = []
        /// The sender has given it up, as a REQ does after a timeout.
        var isWithdrawn = false
        var audience = Audience.any
    }

    /// One direction of a connection.
    struct Flow {
        struct Written {
            /// Nil for a message that is not of the world.
            var number: Int?
            var isRead: Bool
        }
        var writer: Int
        var reader: Int
        /// The complete messages, in the order in which they were written.
        var messages: [Written] = []
        var bytesWritten = 0
        var bytesRead = 0
        /// Whether something else than messages was written.
        var isTorn = false
        /// Whether the bytes are others than those that the sockets count.
        var isTranslated = false
        /// Whether the connection has ended.
        var isOver = false
        /// What is translated waits in a buffer of the program, as it otherwise does in one of the system: it may end
        /// with the connection.
        var mayLose: Bool { isTranslated && isOver }
    }

    var parties: [Party] = []
    var entries: [Entry] = []
    var flows: [Flow] = []
    /// What was wrong when it happened.
    var problems: [String] = []
    var remains = Remains()
}

/// What is left of a world when all of its programs have ended. Nothing may be.
struct Remains: Equatable {
    /// Runs of bytes that messages are slices of. Counted in builds with assertions only.
    var chunks = 0
    /// Those of them that connections had while all sockets were open and idle: buffers are for those that work.
    var buffersAtRest = 0
    var sockets = 0
    var reactors = 0
    var contexts = 0
    /// Streams with an end that is not closed.
    var streams = 0
    var timers = 0
    var watchers = 0
    /// Descriptors of the process; counted when nothing else runs in it.
    var descriptors = 0

    var problems: [String] {
        let counts = [
            (chunks, "chunks"), (buffersAtRest, "buffers at rest"), (sockets, "sockets"), (reactors, "reactors"),
            (contexts, "contexts"), (streams, "streams"), (timers, "timers"), (watchers, "watchers"),
            (descriptors, "descriptors"),
        ]
        return counts.filter { $0.0 != 0 }.map { "left behind: \($0.1), \($0.0)" }
    }
}
