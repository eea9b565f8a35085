/// The version of this framework.
public struct LibraryVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Changes when programs have to be changed.
    public let major: Int
    /// Changes when something is added; until 1.0, also when programs have to be changed.
    public let minor: Int
    /// Changes when something is corrected.
    public let patch: Int

    /// The version that this program is built with.
    public static let current = LibraryVersion(major: 0, minor: 1, patch: 0)

    /// The three numbers with dots between them.
    public var description: String { "\(major).\(minor).\(patch)" }

    public static func < (left: LibraryVersion, right: LibraryVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
