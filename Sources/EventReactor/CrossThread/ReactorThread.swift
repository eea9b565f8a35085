import Glibc

/// A reactor on a thread of its own, made by ``Reactor/start(named:inboxLimit:setUp:)``.
///
/// The thread runs until ``stop()``, or until one of its handlers stops the reactor, whether or not this object is
/// kept. Then it refuses new work, runs the work it has accepted, releases the reactor with everything on it, and ends.
/// Its sockets are closed without linger: for queued messages to be sent, stop the reactor after the sockets are
/// closed.
public final class ReactorThread: Sendable {
    /// Submits work to the reactor.
    public let handle: ReactorHandle

    private let ended: Latch<Void>
    private let thread: pthread_t

    init(handle: ReactorHandle, ended: Latch<Void>, thread: pthread_t) {
        self.handle = handle
        self.ended = ended
        self.thread = thread
    }

    /// Asks the reactor to stop, without waiting for it. Callable from any thread, any number of times.
    public func stop() {
        handle.stop()
    }

    /// Blocks the calling thread until the reactor is gone, with its descriptors closed and its handlers released.
    ///
    /// Does not stop the reactor. Can be called from any number of threads, except for the reactor's own, which would
    /// wait for ever. Asynchronous code calls the asynchronous form, which blocks no thread.
    public func join() {
        checkCaller()
        ended.wait()
    }

    /// Waits until the reactor is gone, with its descriptors closed and its handlers released.
    ///
    /// Does not stop the reactor, and waits even if the task is cancelled. Tasks that live on the reactor cannot call
    /// this: they would wait for ever.
    nonisolated(nonsending) public func join() async {
        checkCaller()
        await ended.awaitValue()
    }

    private func checkCaller() {
        // The number of a thread that has ended may be another's by now, even the caller's.
        guard !ended.isOpen else { return }
        precondition(pthread_equal(thread, pthread_self()) == 0, "A reactor's thread cannot join itself")
    }
}
