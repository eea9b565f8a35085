import Glibc

/// Why a test cannot go on, or what it has left behind, in a message that helps to find the cause.
public struct TestFailure: Error, CustomStringConvertible {
    /// What has happened.
    public let description: String

    /// - Parameter description: what has happened.
    public init(_ description: String) { self.description = description }

    /// A failed system call, with its errno.
    package init(call: String, errno code: Int32) { self.init("\(call): \(String(cString: strerror(code)))") }
}
