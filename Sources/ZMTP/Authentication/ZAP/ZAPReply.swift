// The answer of an authentication handler, as a message (RFC 27).
//
//     "1.0" | request id | status code | status text | user id | metadata
//
//   Z-1  The status is 200, 300, 400 or 500.
//   Z-2  The user id is empty unless it is 200.
//   Z-4  The metadata has the form of READY's.
//   Z-5  The request id is the request's.

/// A reply of ZAP 1.0, without its envelope.
package struct ZAPReply: Sendable, Equatable {
    /// That of the request.
    package var requestID: [UInt8]
    /// Whether the client may connect.
    package var verdict: Verdict
    /// A sentence for people.
    package var text: String

    package init(requestID: [UInt8], _ verdict: Verdict, text: String = "") {
        self.requestID = requestID
        self.verdict = verdict
        self.text = text
    }

    /// The frames of the message. The text is shortened to 255 bytes.
    package var frames: [Frame] {
        let (status, acceptance): (UInt16, Acceptance) =
            switch verdict {
            case .accepted(let acceptance): (200, acceptance)
            case .refused(let refusal, _): (refusal.rawValue, .anonymous)
            }
        var metadata: [UInt8] = []
        acceptance.metadata.append(to: &metadata)
        return [
            ZAPRequest.version, Frame(requestID), Frame(String(status)), Frame(printable(text.utf8.prefix(255))),
            Frame(acceptance.userID), Frame(metadata),
        ]
    }

    /// Parses the frames of a message.
    package init(_ frames: some Collection<Frame>) throws(ZAPError) {
        let frames = Array(frames)
        guard frames.count == 6 else { throw ZAPError("a reply of \(frames.count) frames") }
        guard frames[0] == ZAPRequest.version else { throw .otherVersion }
        requestID = try ZAPError.bytes(frames[1], "the request id")
        text = printable(try ZAPError.bytes(frames[3], "the status text"))
        let name = try ZAPError.bytes(frames[4], "the user id")
        guard let userID = String(validating: name, as: UTF8.self) else { throw ZAPError("a user id that is no text") }
        guard frames[2] != "200" else {
            verdict = .accepted(Acceptance(userID: userID, metadata: try Self.metadata(frames[5])))
            return
        }
        guard frames[2].count == 3, let status = UInt16(frames[2].string), let refusal = Refusal(rawValue: status)
        else {
            throw ZAPError("an unknown status")
        }
        guard userID.isEmpty else { throw ZAPError("a user id with status \(status)") }
        verdict = .refused(refusal)
    }

    private static func metadata(_ frame: Frame) throws(ZAPError) -> Metadata {
        do {
            return try frame.withUnsafeBytes { bytes throws(ProtocolError) in try Metadata(decoding: bytes) }
        } catch {
            throw ZAPError(error.message)
        }
    }
}
