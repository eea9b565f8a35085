import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/LostMessages.md shows.
enum LostMessagesPage {
    static func look(_ socket: Socket, _ reactor: Reactor) {
        socket.onEvent = { _, event in print(event) }
        reactor.every(.seconds(1)) { _ in
            print("dropped:", socket.statistics.dropped, "peers:", socket.peerCount)
            for connection in socket.connections {
                print(connection.peer, "queued:", connection.messagesQueued, "waiting:", connection.messagesWaiting)
            }
        }
    }

    static func mandatory(_ router: RouterSocket, _ id: Frame) {
        router.isMandatory = true
        do {
            if try router.send("are you there?", to: id) == .wouldBlock { print("its queue is full") }
        } catch {
            print(error.code == .hostUnreachable ? "no such peer" : "\(error)")
        }
    }
}
