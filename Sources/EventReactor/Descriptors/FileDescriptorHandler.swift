/// Called when a watched descriptor is ready.
public protocol FileDescriptorHandler: AnyObject {
    /// The descriptor is ready. Called once per turn while it stays ready: readiness is a state, not an edge.
    ///
    /// The watcher may be changed or cancelled here; after cancelling it, the descriptor may be closed.
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness)
}

/// The closure form.
final class ClosureDescriptorHandler: FileDescriptorHandler {
    private let reactor: ReactorReference
    private let body: (FileDescriptorWatcher, Readiness) throws -> Void

    init(_ reactor: Reactor, _ body: @escaping (FileDescriptorWatcher, Readiness) throws -> Void) {
        self.reactor = ReactorReference(reactor)
        self.body = body
    }

    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        do { try body(watcher, ready) } catch { reactor.use { $0.handlerFailed(error, of: watcher) } }
    }
}
