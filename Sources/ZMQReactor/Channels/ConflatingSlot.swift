import EventReactor
import ZMTP

/// The newest message on its way between two threads, of a pipe that keeps no other.
///
/// A channel announces that there is one, which keeps its place in the order; a message that takes the place of another
/// is not announced.
final class ConflatingSlot: Sendable {
    private let message = Locked<Message?>(nil)

    /// Puts a message in. Returns whether it takes the place of one that has not been taken.
    func replace(with newer: Message) -> Bool {
        message.withLock { message in
            defer { message = newer }
            return message != nil
        }
    }

    func take() -> Message? {
        message.withLock { message in
            defer { message = nil }
            return message
        }
    }
}
