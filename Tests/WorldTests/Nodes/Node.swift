import ZMQReactor

/// What a socket of a program is like, however often the program ends and begins again.
final class Node {
    let name: String
    let role: Role
    unowned let program: Program
    unowned let loop: Loop
    var binds: [String] = []
    var connects: [String] = []
    var options = SocketOptions()
    var topics: [String] = []
    /// The routing id; nil for none.
    var identity: String?
    /// A ROUTER's, or a STREAM's.
    var isMandatory = false
    var allowsHandover = false
    var verbosity = XPubSocket.Verbosity.merged
    var isManual = false
    var blocksWhenFull = false
    /// Whether what it sends is no request to its peers: a DEALER that sends to a REP without an envelope.
    var isMisunderstood = false
    /// Whether another node stands in its place, and it ends when all is mended: a second peer of a PAIR.
    var isSpare = false

    /// Whether it receives what a proxy shows to its capture socket, in addition to those that the messages are for.
    var isWitness = false

    /// What runs now; nil between an end and the next start.
    var party: Party?

    init(_ name: String, _ role: Role, on loop: Loop, of program: Program) {
        (self.name, self.role, self.loop, self.program) = (name, role, loop, program)
        program.nodes.append(self)
    }

    /// Whether one of the two connects to the other.
    func isJoined(with other: Node) -> Bool {
        connects.contains(where: other.binds.contains) || binds.contains(where: other.connects.contains)
    }

    /// Whether a proxy uses its socket.
    var isProxied: Bool { program.relay?.nodes.contains { $0 === self } ?? false }
    var isLocal: Bool { (binds + connects).allSatisfy { $0.hasPrefix("inproc://") } }
}
