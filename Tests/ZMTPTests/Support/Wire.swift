import ZMQReactorTesting
import ZMTP

extension Wire {
    static func ready(_ type: SocketType, identity: [UInt8]? = nil) -> [UInt8] {
        ready(type.rawValue, identity: identity)
    }
}

/// The bytes for hexadecimal digits, with optional spaces.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue!) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
