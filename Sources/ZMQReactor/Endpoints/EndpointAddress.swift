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

    func isEqual(to other: any EndpointAddress) -> Bool { self == other as? Self }
}
