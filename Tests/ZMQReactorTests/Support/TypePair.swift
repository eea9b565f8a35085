import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Two types of which the first one sends to the second one, unasked: a row here makes the tests of all pairs cover it.
struct TypePair: Sendable, CustomTestStringConvertible {
    let sender: MatrixType
    let receiver: MatrixType

    init(_ sender: SocketType, _ receiver: SocketType) {
        (self.sender, self.receiver) = (.of(sender), .of(receiver))
    }

    static let all = [
        TypePair(.push, .pull), TypePair(.pub, .sub), TypePair(.xpub, .sub), TypePair(.xsub, .xpub),
        TypePair(.dealer, .dealer), TypePair(.dealer, .router), TypePair(.pair, .pair), TypePair(.client, .server),
        TypePair(.scatter, .gather), TypePair(.channel, .channel), TypePair(.peer, .peer), TypePair(.radio, .dish),
    ]

    /// Those whose messages wait for an endpoint to which the sender connects.
    static let queueing = all.filter {
        $0.sender.type.traits.contains(.queuesForEndpoint)
            && ![.pub, .xpub, .xsub, .radio].contains($0.sender.type)
    }

    /// Those whose messages have one frame, beside the one that names a peer or a group.
    static let ofOneFrame = all.filter {
        [.client, .scatter, .channel, .peer, .radio].contains($0.sender.type)
    }

    var testDescription: String { "\(sender.type) to \(receiver.type)" }
}

extension Socket {
    /// Connects, so that messages can be queued at once; returns what stands in front of each.
    func connectForSending(to endpoint: String) throws -> [Frame] {
        if let peer = self as? PeerSocket { return [try peer.connectPeer(endpoint)] }
        try connect(endpoint)
        return []
    }
}
