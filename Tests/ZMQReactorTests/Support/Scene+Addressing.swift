import ZMQReactorTestSupport

@testable import ZMQReactor

extension Scene {
    /// Makes a socket of any type that can have a handler.
    func open<S: HandledSocket>(
        _ type: S.Type,
        _ change: Change = { _ in },
        handler: S.Handler? = nil
    ) throws -> S {
        track(try S(on: reactor, in: context, options: Self.options(change), handler: handler))
    }

    /// Makes a socket that delivers its messages to a closure.
    func open<S: ClosureSocket>(
        _ type: S.Type,
        _ change: Change = { _ in },
        received: @escaping (S, Message) -> Void
    ) throws -> S {
        track(try S(on: reactor, in: context, options: Self.options(change), received))
    }

    /// Makes a DISH that has joined groups.
    func dish(in groups: Frame..., change: Change = { _ in }) throws -> DishSocket {
        let dish = try open(DishSocket.self, change)
        for group in groups { try dish.join(group) }
        return dish
    }

    /// Runs until a group, or any, has this many members.
    func wait(for count: Int, membersOf radio: RadioSocket, in group: Frame? = nil) throws {
        try wait("\(count) members") { (group.map { radio.memberCount(of: $0) } ?? radio.memberCount) == count }
    }
}

extension Socket {
    /// The routing id of its only connected peer.
    var idOfPeer: Frame { Frame(pipes.lazy.compactMap(\.self).first { $0.peer != nil }!.routingPrefix.dropFirst(2)) }

    /// A message of one frame as it is exchanged with the only peer, or in the group "g".
    func addressed(_ body: Message) -> Message {
        var message = body
        if self is NumberingSocket || self is RouterSocket { message.prepend(idOfPeer) }
        if self is RadioSocket || self is DishSocket { message.prepend("g") }
        return message
    }
}
