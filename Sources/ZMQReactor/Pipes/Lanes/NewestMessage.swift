import EventReactor
import ZMTP

/// The newest message on its way between two threads, of a pipe that keeps no other.
///
/// A lane says that there is one, so that its order holds for this as well, and is not told of those that take its place.
final class NewestMessage: Sendable {
    private let message = Locked<Message?>(nil)

    /// Leaves a message; answers whether it takes the place of one that nobody has fetched.
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
