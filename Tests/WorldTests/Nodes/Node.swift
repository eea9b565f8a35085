import ZMQReactor

/// A program with one socket, which may end and begin again.
final class Node {
    let name: String
    let role: Role
    var binds: [String] = []
    var connects: [String] = []
    var options = SocketOptions()
    var topics: [String] = []
    var hasIdentity = false

    /// What runs now; nil between an end and the next start.
    var party: Party?
    /// Whether its loop does nothing, as if a handler computed.
    var isAsleep = false

    init(_ name: String, _ role: Role) { (self.name, self.role) = (name, role) }
}
