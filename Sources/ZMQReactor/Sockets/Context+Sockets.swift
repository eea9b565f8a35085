extension Context {
    /// Calls the closure with each socket of the context once, on the thread of the socket: in one of the next turns
    /// with those that exist, and with others when they are made. The context keeps the closure.
    package func forEachSocket(_ body: @escaping @Sendable (Socket) -> Void) {
        visitMembers { member in if let socket = member as? Socket { body(socket) } }
    }
}
