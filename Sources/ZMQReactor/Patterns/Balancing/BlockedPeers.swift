/// The peers to which a send would have blocked. The application is called again when their pipe has room, or is gone.
struct BlockedPeers {
    private var pipes: Set<ObjectIdentifier> = []

    mutating func insert(_ pipe: Pipe) { pipes.insert(ObjectIdentifier(pipe)) }

    /// Returns whether a send to the pipe's peer would have blocked.
    mutating func remove(_ pipe: Pipe) -> Bool { pipes.remove(ObjectIdentifier(pipe)) != nil }

    func contains(_ pipe: Pipe) -> Bool { !pipes.isEmpty && pipes.contains(ObjectIdentifier(pipe)) }
}
