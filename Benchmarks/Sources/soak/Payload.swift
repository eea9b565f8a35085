import ZMQReactor

/// The contents of messages: the sender, the number, and bytes derived from them.
enum Payload {
    struct Stamp: Equatable {
        let sender: UInt32
        let number: UInt32
    }

    /// Sizes of bodies: empty, short and long frames, copied and shared, larger than a buffer.
    private static let sizes = [0, 1, 20, 20, 20, 100, 255, 256, 3_000, 20, 9_000]
    private static let largeSize = 100_000
    private static let stampSize = 8

    /// A frame with the stamp, and zero to two frames with a body; or both in one frame.
    static func message(_ stamp: Stamp, inOneFrame: Bool = false) -> Message {
        let body = body(stamp)
        if inOneFrame { return Message(frames: [Frame(bytes(stamp) + body)]) }
        let header = Frame(bytes(stamp))
        if body.isEmpty { return Message(frames: [header]) }
        guard stamp.number.isMultiple(of: 3) else { return Message(frames: [header, Frame(body)]) }
        return Message(frames: [header, Frame(body.prefix(body.count / 2)), Frame(body.dropFirst(body.count / 2))])
    }

    /// The stamp of a message that is exactly as it was sent; nil for any other.
    static func stamp(_ message: Message) -> Stamp? {
        guard let stamp = stamp(message[0]) else { return nil }
        // A stamp alone has the same form either way.
        let isOneFrame = message.count == 1 && message[0].count > stampSize
        return message.elementsEqual(Self.message(stamp, inOneFrame: isOneFrame)) ? stamp : nil
    }

    private static func body(_ stamp: Stamp) -> [UInt8] {
        let number = Int(stamp.number)
        let size = number % 997 == 996 ? largeSize : sizes[number % sizes.count]
        return [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
            for i in 0..<size { bytes.initializeElement(at: i, to: UInt8(truncatingIfNeeded: number &+ i)) }
            count = size
        }
    }

    /// The wire form of the stamp.
    static func bytes(_ stamp: Stamp) -> [UInt8] {
        withUnsafeBytes(of: (stamp.sender.littleEndian, stamp.number.littleEndian)) { Array($0) }
    }

    private static func stamp(_ frame: Frame) -> Stamp? {
        guard frame.count >= stampSize else { return nil }
        return frame.withUnsafeBytes { stamp($0) }
    }

    /// The stamp in the first 8 bytes.
    static func stamp(_ bytes: UnsafeRawBufferPointer) -> Stamp {
        Stamp(
            sender: UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)),
            number: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        )
    }
}
