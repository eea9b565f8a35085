/// The version of this framework.
public struct LibraryVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Incremented by incompatible changes.
    public let major: Int
    /// Incremented by additions; until 1.0, also by incompatible changes.
    public let minor: Int
    /// Incremented by fixes.
    public let patch: Int

    /// The version with which this program is built.
    public static let current = LibraryVersion(major: 0, minor: 1, patch: 0)

    /// The three numbers with dots between them.
    public var description: String { "\(major).\(minor).\(patch)" }

    public static func < (left: LibraryVersion, right: LibraryVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
