/// The name and password that a PLAIN client sends. The password is never printed.
package struct PlainCredentials: Sendable, Equatable {
    /// The most bytes of the name, and of the password.
    package static let limit = 255

    /// The name.
    package let username: [UInt8]
    /// The password.
    package let password: Password

    /// - Precondition: each has at most 255 bytes; check values from applications.
    package init(username: [UInt8], password: Password) {
        precondition(username.count <= Self.limit, "the user name of PLAIN has at most 255 bytes")
        precondition(password.count <= Self.limit, "the password of PLAIN has at most 255 bytes")
        self.username = username
        self.password = password
    }
}
