import ZMQReactor

/// The frames of a message of the world, which depend on its number alone: whatever is torn, mixed up or changed on the way does not fit the
/// number.
enum Payload {
    private static let mark: UInt8 = 0x57

    private static func mixed(_ number: Int) -> UInt64 {
        var bits = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 29)) &* 0xBF58_476D_1CE4_E5B9
        return bits ^ (bits >> 32)
    }

    /// No frame is empty: an empty one is the envelope's.
    static func frames(of number: Int) -> [[UInt8]] {
        let bits = mixed(number)
        var frames: [[UInt8]] = []
        for part in 0..<Int(bits & 3 == 0 ? bits >> 2 & 3 : 0) {
            frames.append([UInt8](repeating: UInt8(truncatingIfNeeded: number &+ part), count: 1 + Int(bits >> 8 & 63)))
        }
        let sizes = [0, 3, 20, 200, 246, 247, 300, 2000]
        var size = sizes[Int(bits >> 16 & 7)]
        if bits >> 24 & 255 == 0 { size = 90_000 }
        var last = [mark] + (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        last += (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
        frames.append(last)
        return frames
    }

    static func message(_ number: Int, behind prefix: [[UInt8]] = []) -> Message {
        Message(frames: (prefix + frames(of: number)).map { Frame($0) })
    }

    /// The number in a message's last frame; nil for other messages.
    static func number(in last: some RandomAccessCollection<UInt8>) -> Int? {
        guard last.count >= 9, last.first == mark else { return nil }
        return last.dropFirst().prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    enum Reading: Equatable {
        case whole(Int)
        case torn(String)
    }

    /// Reads a message whose first frames are not the payload's.
    static func read(_ message: Message, behind count: Int) -> Reading {
        let frames = message.dropFirst(count).map { $0.map { Array($0) } } ?? []
        guard let last = frames.last, let number = number(in: last) else {
            return .torn("\(frames.map(\.count)) bytes without a number")
        }
        guard frames == Self.frames(of: number) else {
            return .torn("message \(number) of \(frames.map(\.count)) bytes")
        }
        return .whole(number)
    }
}
