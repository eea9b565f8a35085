/// What one direction of a pipe holds, and the marks at which it is full.
package struct QueueLevel: Sendable, Equatable {
    package var messages = 0
    package var bytes = 0
    /// The most messages; nil for no limit.
    package var messageMark: Int?
    /// The bytes at which no further message is accepted; nil for no limit.
    package var byteMark: Int?
}
