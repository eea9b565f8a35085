import CLibev
// Links libdispatch, whose main queue is served.
import Dispatch
import Glibc

/// The main queue, which the main actor runs on. A reactor on the main thread serves it, as a run loop does: the thread
/// has nothing else that would.
///
/// Its descriptor is a watch like any other, so that a turn without work on the queue does nothing for it, and a reactor
/// on another thread has no watch.
final class MainQueue: FileDescriptorHandler {
    private init() {}

    /// Watches the queue if this is the thread that it is bound to. Returns whether it is.
    static func serve(on reactor: Reactor) throws(ReactorError) -> Bool {
        let descriptor = clibev_main_queue_descriptor()
        guard descriptor >= 0 else { return false }
        try reactor.watch(descriptor, for: .readable, handler: MainQueue())
        return true
    }

    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) { clibev_run_main_queue(watcher.descriptor) }
}

extension MainQueue: OwnedHandler, HandlerOwner {
    var handlerOwner: (any HandlerOwner)? { self }
    var reportName: String { "the main queue" }
    var reportedHandlerType: Any.Type? { nil }
}

extension Reactor {
    /// Looks for a task that would be isolated to the main actor where nothing runs that. A debug build traps; a release
    /// build writes the advice to standard error, once in the process.
    @inline(__always)
    func checkMainActor(_ isolation: (any Actor)?) {
        if let isolation, !servesMainQueue, isolation === MainActor.shared { mainActorIsBlocked() }
    }
}

@inline(never)
private func mainActorIsBlocked() {
    assertionFailure(mainActorAdvice)
    _ = writeMainActorAdvice
}

private let writeMainActorAdvice: Void = {
    let bytes = Array("\(mainActorAdvice)\n".utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}()

private let mainActorAdvice = """
    This task would never begin: it is isolated to the main actor, as is the code that starts it, and run() will block \
    the main actor, because this reactor is not on the main thread. Make the reactor before the first await of an \
    asynchronous main, or start the task in a nonisolated function, or use Reactor.start.
    """
