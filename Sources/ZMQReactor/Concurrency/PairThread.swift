public import EventReactor
import Synchronization

/// A thread with its own reactor, and the PAIR socket connected to it, made by
/// ``Context/startThread(named:on:options:setUp:)``.
///
/// It belongs to the thread that made it, and does not have to be kept.
public final class PairThread {
    /// This thread's end of the pair.
    public let socket: PairSocket

    /// The other thread, for submitting work to its reactor.
    public let thread: ReactorThread

    /// Whether the other thread has ended.
    public private(set) var hasEnded = false

    /// Called once, when the other thread has ended and been joined; on this thread's reactor, while that runs.
    public var onEnd: ((PairThread) -> Void)?

    init(_ socket: PairSocket, _ thread: ReactorThread) {
        self.socket = socket
        self.thread = thread
    }

    /// Closes this end, and so ends the other thread: messages already sent to it are delivered, its sockets are
    /// closed, each with its linger, and it stops when the last of them is gone.
    ///
    /// Does not wait for that; see ``onEnd``. The same as closing ``socket``.
    public func end() { socket.close() }

    fileprivate func threadEnded(_ completion: @escaping () -> Void) {
        thread.join()  // it is about to return
        hasEnded = true
        // The last messages it sent are delivered at the end of this turn.
        socket.reactor.after(.zero) { [self] _ in
            let tell = onEnd.take()
            tell?(self)
            completion()
        }
    }
}

@available(*, unavailable, message: "it belongs to the thread that made it; `thread` may go anywhere")
extension PairThread: Sendable {}

/// The threads started by one reactor's thread, until they end.
final class PairThreads: ReactorLocal {
    private static let count = Atomic(0)
    private var threads: [Int: PairThread] = [:]

    /// A number that is unique in the program.
    static func nextNumber() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Called when the last of them has ended.
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
