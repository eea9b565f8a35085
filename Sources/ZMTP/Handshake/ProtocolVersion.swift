/// The ZMTP version that two peers speak, which is the older one of theirs.
package enum ProtocolVersion: UInt8, Sendable, Comparable {
    case v1_0
    case v2_0
    case v3_0
    case v3_1

    /// The number, such as `3.1`.
    package var text: String {
        switch self {
        case .v1_0: "1.0"
        case .v2_0: "2.0"
        case .v3_0: "3.0"
        case .v3_1: "3.1"
        }
    }

    /// The version for a peer whose greeting contains `major`.`minor`, at least 3.0 (G-2).
    init(major: UInt8, minor: UInt8) {
        self = major == 3 && minor == 0 ? .v3_0 : .v3_1
    }

    package static func < (one: ProtocolVersion, other: ProtocolVersion) -> Bool { one.rawValue < other.rawValue }
}
