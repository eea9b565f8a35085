public import EventReactor
import Synchronization

/// A thread with a reactor of its own, and a PAIR socket to talk with it, made by ``Context/startThread(named:on:options:setUp:)``.
///
/// It belongs to the thread that made it, and nobody has to keep it.
public final class PairThread {
    /// This thread's end of the conversation.
    public let socket: PairSocket

    /// The other thread, for submitting work to its reactor.
    public let thread: ReactorThread

    /// Whether the other thread is over.
    public private(set) var hasEnded = false

    /// Called once when the other thread is over, and has been joined; on this thread's reactor, while that runs.
    public var onEnd: ((PairThread) -> Void)?

    init(_ socket: PairSocket, _ thread: ReactorThread) {
        self.socket = socket
        self.thread = thread
    }

    /// Ends the conversation, and with it the other thread: it is given what has been sent to it, its sockets are closed, each with its
    /// linger, and it stops when the last of them is.
    ///
    /// Does not wait for that, see ``onEnd``. The same as closing ``socket``.
    public func end() { socket.close() }

    fileprivate func threadEnded(_ completion: @escaping () -> Void) {
        thread.join()  // it has nothing left to do but to return
        hasEnded = true
        // What it sent at last is delivered at the end of this turn.
        socket.reactor.after(.zero) { [self] _ in
            let tell = onEnd.take()
            tell?(self)
            completion()
        }
    }
}

@available(*, unavailable, message: "it belongs to the thread that made it; `thread` may go anywhere")
extension PairThread: Sendable {}

/// The threads that one reactor's thread has made, until they are over.
final class PairThreads {
    private static let count = Atomic(0)
    private var threads: [Int: PairThread] = [:]

    static func of(_ reactor: Reactor) -> PairThreads { reactor.shared(PairThreads.self) { PairThreads() } }

    /// A number that no other thread of the program has.
    static func nextNumber() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Called when the last of them is over.
    var whenEmpty: (() -> Void)?

    var isEmpty: Bool { threads.isEmpty }

    func add(_ thread: PairThread, _ number: Int) { threads[number] = thread }

    func threadEnded(_ number: Int) {
        threads[number]?.threadEnded {
            self.threads[number] = nil
            if self.isEmpty { self.whenEmpty?() }
        }
    }
}
