/// Bytes that older peers send.
extension Wire {
    /// The first 10 bytes of a peer that may be a 1.0 one.
    ///
    /// - Parameter padding: the length of the identity that a 1.0 peer sees there.
    public static func signature(padding: Int = 1) -> [UInt8] { [0xFF] + bigEndian(padding, bytes: 8) + [0x7F] }

    /// The first bytes of an anonymous 1.0 peer.
    public static let anonymous1: [UInt8] = [1, 0]

    /// A frame of ZMTP 1.0.
    ///
    /// - Parameters:
    ///   - more: whether others follow.
    ///   - body: what the frame holds.
    ///   - long: whether the size takes 9 bytes; nil for what the size of the body requires.
    public static func frame1(more: Bool = false, _ body: [UInt8], long: Bool? = nil) -> [UInt8] {
        let length = body.count + 1
        return (long ?? (length > 254) ? [0xFF] + bigEndian(length, bytes: 8) : [UInt8(length)])
            + [more ? 1 : 0] + body
    }

    /// A message of ZMTP 1.0.
    public static func message1(_ frames: [[UInt8]], long: Bool? = nil) -> [UInt8] {
        frames.enumerated().flatMap { frame1(more: $0 < frames.count - 1, $1, long: long) }
    }

    /// A message of ZMTP 1.0.
    public static func message1(_ frames: String...) -> [UInt8] { message1(frames.map { Array($0.utf8) }) }

    /// A message of ZMTP 1.0.
    public static func message1(_ frames: [UInt8]...) -> [UInt8] { message1(frames) }

    /// The whole greeting of a ZMTP 2.0 peer. Its messages are those of 3.0.
    ///
    /// - Parameters:
    ///   - type: the number of the socket type: 0 PAIR, 1 PUB, 2 SUB, 3 REQ, 4 REP, 5 DEALER, 6 ROUTER, 7 PULL, 8 PUSH.
    ///   - identity: its routing id; empty for none.
    ///   - revision: 1 for 2.0.
    public static func greeting2(type: UInt8, identity: [UInt8] = [], revision: UInt8 = 1) -> [UInt8] {
        signature() + [revision, type] + frame(flags: 0, identity)
    }
}
