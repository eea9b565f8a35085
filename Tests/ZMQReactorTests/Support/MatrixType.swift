import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// How the tests of all pairs create a socket of a type, send with it and receive from it.
struct MatrixType: Sendable, CustomTestStringConvertible {
    let type: SocketType
    let make: @Sendable (Reactor, Context, SocketOptions) throws -> Socket

    var testDescription: String { type.rawValue }

    /// Every type but STREAM and DGRAM, which speak no ZMTP; a new one is a line.
    static let all: [MatrixType] = [
        MatrixType(type: .pub) { try PubSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .sub) { try subscribed(SubSocket(on: $0, in: $1, options: $2)) },
        MatrixType(type: .xpub) { try XPubSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .xsub) { try subscribed(XSubSocket(on: $0, in: $1, options: $2)) },
        MatrixType(type: .push) { try PushSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .pull) { try PullSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .pair) { try PairSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .req) { try relaxed(ReqSocket(on: $0, in: $1, options: $2)) },
        MatrixType(type: .rep) { try RepSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .dealer) { try DealerSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .router) { try named(RouterSocket(on: $0, in: $1, options: $2)) },
        MatrixType(type: .client) { try ClientSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .server) { try ServerSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .scatter) { try ScatterSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .gather) { try GatherSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .channel) { try ChannelSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .peer) { try PeerSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .radio) { try RadioSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .dish) { try joined(DishSocket(on: $0, in: $1, options: $2)) },
    ]

    static func of(_ type: SocketType) -> MatrixType { all.first { $0.type == type }! }

    private static func subscribed<S: SubscribingSocket>(_ socket: S) throws -> S {
        try socket.subscribe(to: "")
        return socket
    }

    private static func joined(_ socket: DishSocket) throws -> DishSocket {
        try socket.join("g")
        return socket
    }

    /// So that subscriptions for a peer of the wrong type do not affect those for the right one.
    private static func relaxed(_ socket: ReqSocket) -> ReqSocket {
        socket.isRelaxed = true
        return socket
    }

    /// Two ROUTERs need to know each other's ids.
    private static func named(_ socket: RouterSocket) throws -> RouterSocket {
        try socket.setRoutingID(Unique.name())
        return socket
    }

    /// A type that is compatible with this one.
    var partner: MatrixType { Self.all.first { $0.type.isCompatible(with: type) }! }

    func socket(_ scene: Scene) throws -> Socket {
        scene.track(try make(scene.reactor, scene.context, Scene.options { $0.linger = .none }))
    }
}
