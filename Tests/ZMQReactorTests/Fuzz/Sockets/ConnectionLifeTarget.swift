import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

/// The connections of a socket of any type while peers, the network and the application do anything in any order: what
/// is delivered has been sent, each connection ends once and not without a reason, what is written is protocol and
/// holds what was sent, in order, and nothing is left in the end.
///
/// Header of an input: socket type, two bytes of switches. Then steps, see ``Life``.
///
///     1  connecting                     1  conflating
///     2  small limits in messages       2  queues only for connected peers
///     4  a heartbeat                    4  no linger
///     8  a write timeout                8  no older peers
///    16  a handshake comes first       16  small limits in bytes
///    32  little room in the streams    32  a slow network
///    64  a handler                    192  version of the peers: 3.1, 3.0, 2.0 or 1.0
///   128  splits at random
let fuzzConnectionLife: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let type = input.choice(TargetSocket.types)
    let (first, second) = (input.byte(), input.byte())
    return TargetScene.run { scene in
        if first & 32 != 0 { scene.network.capacity = 200 }
        if first & 128 != 0 { scene.network.split = .random(upTo: 50) }
        if second & 32 != 0 { scene.network.delay = .milliseconds(3) }
        let target = try TargetSocket(
            type,
            scene,
            connects: first & 1 != 0,
            hasHandler: first & 64 != 0,
            options(first, second, type)
        )
        let version: ProtocolVersion = [.v3_1, .v3_0, .v2_0, .v1_0][Int(second >> 6)]
        var life = Life(target, version, shakesHands: first & 16 != 0)
        while !input.rest.isEmpty { life.step(&input) }
        return life.end()
    }
}

private func options(_ first: UInt8, _ second: UInt8, _ type: SocketType) -> SocketOptions {
    var options = SocketOptions()
    if first & 2 != 0 { (options.sendHighWaterMark, options.receiveHighWaterMark) = (3, 2) }
    if first & 4 != 0 { (options.heartbeatInterval, options.heartbeatTTL) = (.seconds(1), .seconds(5)) }
    if first & 8 != 0 { options.writeTimeout = .seconds(3) }
    if second & 1 != 0, type.traits.contains(.conflatable) { options.isConflating = true }
    options.isImmediate = second & 2 != 0
    if second & 4 != 0 { options.linger = .none }
    options.acceptsLegacyPeers = second & 8 == 0
    if second & 16 != 0 {
        (options.sendHighWaterMarkBytes, options.receiveHighWaterMarkBytes) = (500, 300)
        (options.sendBudget, options.receiveBudget) = (1000, 1000)
    }
    return options
}
