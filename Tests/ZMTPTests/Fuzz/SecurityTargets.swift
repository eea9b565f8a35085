import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMTP

/// A PLAIN client or server.
///
/// Input: switches, seed of the splits, and what the peer sends behind its greeting.
///
///     switches   1  server    6  verdict: accepted, denied, to be tried again, none
let fuzzPlain: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let (switches, seed) = (input.byte(), input.byte())
    let isServer = switches & 1 != 0
    let verdicts: [Verdict?] = [.accepted(Acceptance(userID: "u")), .refused(.denied), .refused(.temporarily), nil]
    let verdict = verdicts[Int(switches >> 1) & 3]
    let configuration: Engine.Configuration =
        isServer ? .accepting(.pull, .plainServer) : .connecting(.pull, .plainClient(Example.credentials))
    let session = Wire.greeting(mechanism: "PLAIN") + input.rest
    return compareCuts(of: session, from: Greeting.size, seed: seed) { pieces, report in
        let found = transcript(configuration, session, pieces: pieces, verdict: verdict, report: report)
        guard isServer, found.peer != nil else { return found }
        if found.credentials == nil { report("a peer without credentials") }
        guard case .accepted = verdict else {
            report("a peer that was not accepted")
            return found
        }
        if found.peer?.acceptance?.userID != "u" { report("a peer with another user id") }
        return found
    }
}

/// NULL, where the application decides which peers may connect.
///
/// Input: switches, seed of the splits, and what the peer sends behind its greeting.
///
///     switches   1  connecting    6  verdict: accepted, denied, to be tried again, none    8  the peer speaks 3.0
let fuzzNull: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let (switches, seed) = (input.byte(), input.byte())
    let verdicts: [Verdict?] = [.accepted(Acceptance(userID: "u")), .refused(.denied), .refused(.temporarily), nil]
    let verdict = verdicts[Int(switches >> 1) & 3]
    let configuration: Engine.Configuration =
        switches & 1 != 0 ? .connecting(.pull, .authenticatedNull) : .accepting(.pull, .authenticatedNull)
    let session = Wire.greeting(minor: switches & 8 != 0 ? 0 : 1) + input.rest
    return compareCuts(of: session, from: Greeting.size, seed: seed) { pieces, report in
        let found = transcript(configuration, session, pieces: pieces, verdict: verdict, report: report)
        guard let peer = found.peer else { return found }
        if found.credentials != .null { report("a peer that was not asked about") }
        if peer.acceptance?.userID != "u" { report("a peer that was not accepted") }
        return found
    }
}

/// Text as Z85, and bytes as text: what is decoded is encoded as it was.
let fuzzZ85: @Sendable ([UInt8]) -> String? = { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    if let decoded = Z85.decode(text) {
        if decoded.count * 5 != bytes.count * 4 { return "\(decoded.count) bytes" }
        if Z85.encode(decoded) != text { return "encoded as \(Z85.encode(decoded) ?? "nothing")" }
    }
    let encoded = Z85.encode(bytes)
    if (encoded != nil) != bytes.count.isMultiple(of: 4) { return "encoded \(bytes.count) bytes" }
    if let encoded, Z85.decode(encoded) != bytes { return "not decoded: \(encoded)" }
    return nil
}

/// The messages of ZAP: accepted ones are written as they were read.
///
/// Input: frames, each the number of its bytes and these.
let fuzzZAP: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    var frames: [Frame] = []
    while !input.rest.isEmpty {
        let size = Int(input.byte())
        frames.append(Frame(input.bytes(size)))
    }
    if let request = try? ZAPRequest(frames), request.frames != frames { return "\(request.frames)" }
    if let reply = try? ZAPReply(frames) {
        var written = reply.frames
        // Only the text may be changed, to be printable; and the metadata of a refusal, which means nothing, is dropped.
        written[3] = frames[3]
        if case .refused = reply.verdict { written[5] = frames[5] }
        if written != frames { return "\(reply.frames)" }
    }
    return nil
}

/// The events of `session` in one piece compared with those in many, from `start` on.
func compareCuts(
    of session: [UInt8],
    from start: Int,
    seed: UInt8,
    _ found: (_ pieces: [Int], _ report: @escaping (String) -> Void) -> Transcript
) -> String? {
    let faults = Faults()
    let whole = found([], faults.add)
    if let fault = faults.first { return "whole: \(fault)" }
    for pieces in Cuts.of(session.count - start, seed: seed) {
        let cut = found([start] + pieces, faults.add)
        if let fault = faults.first { return "cut into \(pieces): \(fault)" }
        if cut != whole {
            return "cut into \(pieces): \(cut.items), \(cut.output); whole: \(whole.items), \(whole.output)"
        }
    }
    return nil
}

/// The rules that were broken.
private final class Faults {
    private(set) var first: String?
    func add(_ fault: String) { first = first ?? fault }
}
