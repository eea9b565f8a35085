import ZMQReactorTesting
import ZMTP

extension Wire {
    /// Command frames that are empty, or too short for the name that they announce.
    static var namelessCommands: [[UInt8]] {
        ["04 00", "04 01 00", "04 01 05", "04 01 07", "04 03 03 41 42", "04 05 05 45 52 52 4F", "04 02 FF 41"].map(hex)
    }

    /// The data of ERROR with a reason of another length than it says, or with none.
    static var malformedReasons: [[UInt8]] {
        ["", "03", "03 34 30", "03 34 30 30 30", "00 41", "FF 41", "01 41 00"].map(hex)
    }

    static func ready(_ type: SocketType, identity: [UInt8]? = nil) -> [UInt8] {
        ready(type.rawValue, identity: identity)
    }
}

/// The bytes for hexadecimal digits, with optional spaces.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue!) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
