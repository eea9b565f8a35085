/// Why a message is not one of ZAP 1.0. It contains nothing of the message's contents.
package struct ZAPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The most bytes of a field.
    static let fieldLimit = 255

    /// A sentence that describes it.
    package let description: String

    init(_ what: String) { description = "malformed ZAP message: \(what)" }

    static var otherVersion: Self { Self("another version than 1.0") }

    /// The bytes of a field.
    static func bytes(_ frame: Frame, _ name: String) throws(ZAPError) -> [UInt8] {
        guard frame.count <= fieldLimit else { throw ZAPError("\(name) has \(frame.count) bytes") }
        return Array(frame)
    }

    /// The text of a field.
    static func text(_ frame: Frame, _ name: String) throws(ZAPError) -> String {
        let bytes = try bytes(frame, name)
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { throw ZAPError("\(name) is not printable") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
