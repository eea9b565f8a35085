import ZMQReactorTestSupport

@testable import ZMTP

/// The properties of a READY: accepted ones are written as they were read.
let fuzzMetadata: @Sendable ([UInt8]) -> String? = { bytes in
    guard let metadata = try? bytes.withUnsafeBytes({ try Metadata(decoding: $0) }) else { return nil }
    var written: [UInt8] = []
    metadata.append(to: &written)
    if metadata.encodedSize != bytes.count { return "\(metadata.encodedSize) bytes to write, \(bytes.count) read" }
    if written != bytes { return "wrote \(hexadecimal(written))" }
    for property in metadata.properties where metadata[property.name.uppercased()] != property.value {
        return "\(property.name) is not found"
    }
    for type in SocketType.allCases {
        guard let peer = try? Peer(metadata: metadata, version: .v3_1, ownType: type) else { continue }
        if !type.isCompatible(with: peer.socketType) { return "\(type) lets a \(peer.socketType) in" }
        if peer.identity.count > Peer.identityLimit { return "an identity of \(peer.identity.count) bytes" }
    }
    return nil
}

/// Subscriptions encoded in the form of each version: a publisher decodes the same ones.
///
/// Input: subscriptions, each a byte (1 its kind, the rest its length, eight times if 2 is set) and the topic.
let fuzzSubscriptions: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    var subscriptions: [(Subscription, [UInt8])] = []
    while !input.rest.isEmpty {
        let header = input.byte()
        let size = Int(header >> 2) * (header & 2 != 0 ? 8 : 1)
        subscriptions.append((header & 1 != 0 ? .subscribe : .cancel, input.bytes(size)))
    }
    let expected = subscriptions.map { kind, topic in Wire.message([[kind.rawValue] + topic]) }
    for (version, handshake) in [
        (ProtocolVersion.v3_1, Wire.greeting() + Wire.ready(.sub)),
        (.v3_0, Wire.greeting(minor: 0) + Wire.ready(.sub)),
        (.v2_0, Wire.greeting2(type: 2)),
        (.v1_0, [1, 0]),
    ] {
        var session = Session(.accepting(.xpub, legacy: true), report: { _ in })
        var written: [UInt8] = []
        for (kind, topic) in subscriptions { kind.append(topic: topic, for: version, to: &written) }
        session.feed(handshake + written)
        if session.transcript.messages != expected { return "\(version): \(session.transcript.messages)" }
    }
    return nil
}

/// Groups that a DISH joins and leaves: a RADIO decodes the same ones, up to the first one that is none.
///
/// Input: seed of the splits; then commands, each a byte (1 its kind, the rest the length of the group, eight times if 2
/// is set) and the group.
let fuzzGroups: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let seed = input.byte()
    var (written, expected, isSound) = ([] as [UInt8], [] as [[UInt8]], true)
    while !input.rest.isEmpty {
        let header = input.byte()
        let group = input.bytes(Int(header >> 2) * (header & 2 != 0 ? 8 : 1))
        let subscription: Subscription = header & 1 != 0 ? .subscribe : .cancel
        let command = Wire.command(header & 1 != 0 ? "JOIN" : "LEAVE", group)
        written += command
        let isLegal = group.count <= 255 && !group.contains(0)
        if (group.withUnsafeBytes { Group.fault(of: $0) } == nil) != isLegal { return "a fault of \(group)" }
        guard isLegal, isSound else {
            isSound = false
            continue
        }
        let topic = [UInt8(group.count)] + group
        if group.withUnsafeBytes({ Group.withTopic($0) { Array($0) } }) != topic { return "the topic of \(group)" }
        var own: [UInt8] = []
        topic.withUnsafeBytes { subscription.append(group: $0, to: &own) }
        if own != command { return "wrote \(hexadecimal(own))" }
        expected.append(Wire.message([[subscription.rawValue] + topic]))
    }
    let handshake = Wire.greeting() + Wire.ready(.dish)
    for pieces in [[written.count]] + Cuts.of(written.count, seed: seed) {
        var session = Session(.accepting(.radio), report: { _ in })
        session.feed(handshake)
        var rest = written[...]
        for piece in pieces {
            session.feed(rest.prefix(piece))
            rest = rest.dropFirst(piece)
        }
        let found = session.transcript
        if found.messages != expected { return "cut into \(pieces): \(found.messages), not \(expected)" }
        if found.failure.map({ $0.code == .malformedCommand }) != (isSound ? nil : true) {
            return "cut into \(pieces): \(String(describing: found.failure))"
        }
    }
    return nil
}

/// Messages to a 1.0 peer: translated in any pieces, they are the same messages.
///
/// Input: limit of a step; then frames, each a byte (1 more follows, 2 sixteen times as long, the rest its length) and
/// its body.
let fuzzTranslation: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let limit = 1 + Int(input.byte())
    var messages: [[UInt8]] = []
    var frames: [[UInt8]] = []
    while !input.rest.isEmpty {
        let header = input.byte()
        frames.append(input.bytes(Int(header >> 2) * (header & 2 != 0 ? 16 : 1)))
        if header & 1 == 0 || input.rest.isEmpty {
            messages.append(Wire.message(frames))
            frames = []
        }
    }
    var session = Session(.accepting(.pull, legacy: true), report: { _ in })
    session.feed([1, 0])
    let transform = Version1Transform(Engine.Configuration.accepting(.pull).limits)
    var sizes: [Int] = []
    // Like the output: from the end of the last step.
    var left = messages[...]
    while !left.isEmpty {
        var output: [UInt8] = []
        let before = sizes.count
        let piece = left.flatMap { $0 }
        let isAll = piece.withUnsafeBytes { transform.seal($0, to: &output, limit: limit) { sizes.append($1) } }
        if isAll, sizes.count - before != left.count {
            return "all taken, and \(left.count - sizes.count + before) left"
        }
        if sizes.count == before { return "a step without a message" }
        left = left.dropFirst(sizes.count - before)
        session.feed(output)
    }
    if sizes != messages.map(\.count) { return "sizes \(sizes)" }
    if session.transcript.messages != messages { return "\(session.transcript.messages), not \(messages)" }
    return nil
}
