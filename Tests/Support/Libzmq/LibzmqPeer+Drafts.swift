extension PeerProcess {
    /// A process with a libzmq that has its draft types, and whose sockets' messages have one frame; see
    /// `Tests/Peers/drafts.py`. The first one may take minutes, in which that libzmq is built.
    public static func withDrafts() throws -> PeerProcess {
        try PeerProcess(["Tests/Peers/drafts.py", DraftLibrary.path.get()])
    }
}

private enum DraftLibrary {
    /// Where it is.
    static let path = Result<String, any Error> {
        let script = try ChildProcess(Project.file("Tests/drafts"))
        try script.expectExit(within: .seconds(600))
        guard let path = try script.nextLine() else { throw TestFailure("Tests/drafts has not printed a path") }
        return path
    }
}

extension LibzmqPeer {
    /// Opens a socket of one of libzmq's draft types, in a process of its own.
    public convenience init(draft type: PeerSocketType, _ options: [PeerOption] = []) throws {
        try self.init(type, options, in: PeerProcess.withDrafts())
    }

    /// Joins a group with a DISH.
    public func join(_ group: String) throws { try change("join", group) }

    /// Leaves a group with a DISH.
    public func leave(_ group: String) throws { try change("leave", group) }

    private func change(_ operation: String, _ group: String) throws {
        var command = PeerCommand(operation)
        command.name = hexadecimal(group.utf8)
        try run(command)
    }

    /// Connects a PEER, and returns the routing id of the endpoint.
    public func connectPeer(_ endpoint: String) throws -> [UInt8] {
        var command = PeerCommand("connect_peer")
        command.endpoint = endpoint
        return try start(command) { try bytes(hexadecimal: required($0.hex, "a routing id")) }.value()
    }
}
