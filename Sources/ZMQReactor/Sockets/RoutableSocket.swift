/// A socket that a ROUTER peer can be told the name of: REQ, DEALER, ROUTER.
public protocol RoutableSocket: Socket {}

extension RoutableSocket {
    /// What ROUTER peers call this socket; empty when they are to choose.
    ///
    /// Announced when a connection is made: set it before binding and connecting, because an endpoint keeps it (RFC 37, Identity).
    public var routingID: [UInt8] { identity }

    /// Sets ``routingID``.
    ///
    /// - Throws: `invalidArgument` when it has more than 255 bytes, or begins with 0: such ids are those that a ROUTER makes up.
    public func setRoutingID(_ id: [UInt8]) throws(ZMQError) {
        guard id.count <= 255 else {
            throw .badOption("routingID", value: "\(id.count) bytes", expected: "at most 255 bytes")
        }
        guard id.first != 0 else {
            throw .badOption("routingID", value: "\(Frame(id))", expected: "bytes that do not begin with 0")
        }
        identity = id
    }

    /// Sets ``routingID`` to the text's UTF-8 bytes.
    public func setRoutingID(_ id: String) throws(ZMQError) { try setRoutingID(Array(id.utf8)) }
}
