import ZMQReactorTestSupport

@testable import ZMTP

// The engine, fed with the same bytes in one piece and split: the events must be the same.
//
// Header of an input: socket type, switches, seed of the splits.
//
//     switches   1  connecting        6  largest message: any, 0, 15 or 300
//                8  own identity     48  most messages of a run: any, 1, 2 or 3
//     handshake                      64  older peers are accepted
//     traffic                       192  version of the peer: 3.1, 3.0, 2.0 or 1.0

/// Everything from a peer's first byte on.
let fuzzHandshake: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let circumstances = Circumstances(&input)
    return circumstances.compare(Array(input.rest), legacy: circumstances.switches & 64 != 0)
}

/// Everything behind a legal handshake.
let fuzzTraffic: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let circumstances = Circumstances(&input)
    guard let peer = circumstances.type.compatibleTypes.first else { return nil }
    var session: [UInt8]
    switch circumstances.switches >> 6 {
    case 0: session = Wire.greeting(minor: 1) + Wire.ready(peer, identity: [7])
    case 1: session = Wire.greeting(minor: 0) + Wire.ready(peer)
    case 2:
        guard let code = peer.legacyCode else { return nil }
        session = Wire.greeting2(type: code)
    default:
        guard peer.legacyCode != nil else { return nil }
        session = [1, 0]
    }
    let handshake = session.count
    session += input.rest
    return circumstances.compare(session, legacy: true, cutsFrom: handshake)
}

/// The settings selected by the first bytes of an input.
private struct Circumstances {
    let type: SocketType
    let switches: UInt8
    let seed: UInt8

    init(_ input: inout FuzzInput) {
        type = input.choice(SocketType.allCases)
        switches = input.byte()
        seed = input.byte()
    }

    /// The events of the session in one piece compared with those in many.
    func compare(_ session: [UInt8], legacy: Bool, cutsFrom start: Int = 0) -> String? {
        var fault: String?
        let whole = transcript(session, pieces: [], legacy: legacy, &fault)
        if let fault { return "whole: \(fault)" }
        for pieces in Cuts.of(session.count - start, seed: seed) {
            let cut = transcript(session, pieces: start > 0 ? [start] + pieces : pieces, legacy: legacy, &fault)
            if let fault { return "cut into \(pieces): \(fault)" }
            if cut != whole {
                return "cut into \(pieces): \(cut.items), \(cut.output); whole: \(whole.items), \(whole.output)"
            }
        }
        return nil
    }

    private func transcript(_ session: [UInt8], pieces: [Int], legacy: Bool, _ fault: inout String?) -> Transcript {
        let configuration = Engine.Configuration(
            socketType: type,
            role: switches & 1 != 0 ? .connecting : .accepting,
            identity: switches & 8 != 0 ? [0x69, 0x64] : [],
            maxMessageSize: [.max, 0, 15, 300][Int(switches >> 1) & 3],
            maxHandshakeSize: 4096,
            acceptsLegacyPeers: legacy
        )
        var faults: [String] = []
        var session_ = Session(
            configuration,
            limit: [.max, 1, 2, 3][Int(switches >> 4) & 3],
            report: { faults.append($0) }
        )
        var rest = session[...]
        for piece in pieces + [rest.count] {
            session_.feed(rest.prefix(piece))
            rest = rest.dropFirst(piece)
        }
        if session_.transcript.output.count > session.count * 2 + 1024 { faults.append("more answers than questions") }
        fault = faults.first
        return session_.transcript
    }
}
