/// What is called when a watched descriptor is ready.
public protocol FileDescriptorHandler: AnyObject {
    /// The descriptor is ready. Called once per turn for as long as it stays so: readiness is a state, not an edge.
    ///
    /// The watcher may be changed or cancelled here, and its descriptor closed after that.
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness)
}

/// The closure form.
final class ClosureDescriptorHandler: FileDescriptorHandler {
    private let body: (FileDescriptorWatcher, Readiness) -> Void

    init(_ body: @escaping (FileDescriptorWatcher, Readiness) -> Void) { self.body = body }

    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) { body(watcher, ready) }
}
