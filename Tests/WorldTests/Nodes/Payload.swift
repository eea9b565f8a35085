import Glibc
import ZMQReactor

/// The frames of a message of the world, which depend on its number alone: whatever is torn, mixed up or changed on the
/// way does not fit the number.
enum Payload {
    private static let mark: UInt8 = 0x57
    /// The mark of a payload that has one frame, whatever its number.
    private static let markOfOne: UInt8 = 0x58
    private static let largest = 90_000

    /// Bytes of which each message has a part.
    private static let pattern = (0..<largest + 256).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }

    private static func mixed(_ number: Int) -> UInt64 {
        var bits = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 29)) &* 0xBF58_476D_1CE4_E5B9
        return bits ^ (bits >> 32)
    }

    /// No frame is empty: an empty one is the envelope's.
    static func frames(of number: Int, isOne: Bool = false) -> [[UInt8]] {
        let bits = mixed(number)
        var frames: [[UInt8]] = []
        for part in 0..<Int(bits & 3 == 0 && !isOne ? bits >> 2 & 3 : 0) {
            frames.append([UInt8](repeating: UInt8(truncatingIfNeeded: number &+ part), count: 1 + Int(bits >> 8 & 63)))
        }
        let sizes = [0, 3, 20, 200, 246, 247, 300, 2000]
        let size = bits >> 24 & 255 == 0 ? largest : sizes[Int(bits >> 16 & 7)]
        var last = [isOne ? markOfOne : mark]
        for byte in 0..<8 { last.append(UInt8(truncatingIfNeeded: number >> (byte * 8))) }
        last += pattern[(number & 255)..<(number & 255) + size]
        frames.append(last)
        return frames
    }

    static func message(_ number: Int, behind prefix: [[UInt8]] = [], isOne: Bool = false) -> Message {
        Message(frames: (prefix + frames(of: number, isOne: isOne)).map { Frame($0.span.bytes) })
    }

    private static func isOne(_ last: Frame) -> Bool { last.first == markOfOne }

    /// The number in a message's last frame; nil for other messages.
    static func number(in last: UnsafeRawBufferPointer) -> Int? {
        guard last.count >= 9, last[0] == mark || last[0] == markOfOne else { return nil }
        return Int(last.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
    }

    enum Reading: Equatable {
        case whole(Int)
        case torn(String)
    }

    /// Reads a message whose first frames are not the payload's.
    static func read(_ message: Message, behind count: Int) -> Reading {
        var frames = Array(message)
        frames.removeFirst(min(max(count, 0), frames.count))
        guard let last = frames.last, let number = last.withUnsafeBytes({ number(in: $0) }) else {
            return .torn("\(frames.map(\.count)) bytes without a number")
        }
        let expected = number < 1 << 40 ? Self.frames(of: number, isOne: isOne(last)) : []
        guard expected.count == frames.count, zip(frames, expected).allSatisfy({ isSame($0, $1) }) else {
            return .torn("message \(number) of \(frames.map(\.count)) bytes")
        }
        return .whole(number)
    }

    /// Reads a message with any frames in front of the payload; nil for one without a payload.
    static func read(atEndOf message: Message) -> Reading? {
        guard let number = message.last.withUnsafeBytes({ number(in: $0) }), number < 1 << 40 else { return nil }
        return read(message, behind: message.count - frames(of: number, isOne: isOne(message.last)).count)
    }

    private static func isSame(_ frame: Frame, _ bytes: [UInt8]) -> Bool {
        frame.withUnsafeBytes { one in
            bytes.withUnsafeBytes { one.count == $0.count && memcmp(one.baseAddress!, $0.baseAddress!, $0.count) == 0 }
        }
    }
}
