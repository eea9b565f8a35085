/// Why a helper of the test kit failed, in a message that helps to find the cause.
public struct TestFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }

    /// A failed system call, with its errno.
    init(call: String, errno code: Int32) {
        self.init("\(call): \(errorText(code))")
    }
}
