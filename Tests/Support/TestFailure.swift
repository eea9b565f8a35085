/// Why a helper of the test kit gave up, in words a person can act on.
public struct TestFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }

    /// A system call that failed, with what errno says.
    init(call: String, errno code: Int32) {
        self.init("\(call): \(errorText(code))")
    }
}
