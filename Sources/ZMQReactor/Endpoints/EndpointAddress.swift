/// What follows `://` in an endpoint. Each transport has its type of address.
protocol EndpointAddress: Hashable, Sendable, CustomStringConvertible {
    /// What precedes `://`.
    static var scheme: String { get }

    /// Why a socket cannot be bound to the address; nil when it can.
    var obstacleToBinding: String? { get }

    /// Why a socket cannot connect to the address; nil when it can.
    var obstacleToConnecting: String? { get }
}

extension EndpointAddress {
    var obstacleToBinding: String? { nil }
    var obstacleToConnecting: String? { nil }

    /// Throws unless a socket can be bound to the address.
    func validateForBinding() throws(ZMQError) {
        if let obstacle = obstacleToBinding { throw .badEndpoint("\(Self.scheme)://\(self)", obstacle) }
    }

    /// Throws unless a socket can connect to the address.
    func validateForConnecting() throws(ZMQError) {
        if let obstacle = obstacleToConnecting { throw .badEndpoint("\(Self.scheme)://\(self)", obstacle) }
    }

    func isEqual(to other: any EndpointAddress) -> Bool { self == other as? Self }
}
