/// The clients that a bound WebSocket endpoint accepts.
public struct WebSocketClients: Sendable, Hashable {
    enum Value: Sendable, Hashable { case subprotocol, binary, binaryAndText }

    let value: Value

    /// Those that offer a subprotocol of ZWS 2.0 with the socket's security mechanism, as sockets do (RFC 45).
    public static let subprotocol = WebSocketClients(value: .subprotocol)

    /// Also those that offer no subprotocol, such as a browser's `new WebSocket(url)`; not with PLAIN or CURVE. There is
    /// no handshake: such a client counts as a peer of a compatible type without a routing id. Each of its binary
    /// messages, in both directions, is a frame: a byte that is 1 if another frame of the message follows, and 0
    /// otherwise, and the frame's content. A text message ends the connection with status 1003.
    public static let binary = WebSocketClients(value: .binary)

    /// The same, except that a text message is a message of one frame, whose content is the text.
    public static let binaryAndText = WebSocketClients(value: .binaryAndText)
}
