extension Reactor {
    /// Waits until a descriptor is ready. For tasks that live on this reactor.
    ///
    /// The descriptor must stay open meanwhile. Each call starts and ends its own watch, which takes two system calls.
    /// For a busy descriptor, keep a watcher instead: see ``watch(_:for:handler:)``.
    ///
    /// - Returns: The requested conditions that hold, or nil when the task was cancelled or the reactor's thread
    ///   ends.
    /// - Throws: ``ReactorError/Code/badDescriptor`` as ``watch(_:for:handler:)``.
    public nonisolated(nonsending) func readiness(
        of descriptor: CInt,
        for interest: Readiness
    ) async throws(ReactorError) -> Readiness? {
        guard !Task.isCancelled, !tasks.areOver else { return nil }
        let awaited = AwaitedDescriptor()
        let watcher = try watch(descriptor, for: interest, handler: awaited)
        let ready = await awaited.suspension.wait(on: self, whenCancelled: nil)
        watcher.cancel()
        return ready
    }
}

private final class AwaitedDescriptor: FileDescriptorHandler, SuspensionHandler {
    let suspension = Suspension<Readiness?>()

    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        watcher.cancel()
        suspension.end(ready)
    }

    func suspensionEnds() { suspension.end(nil) }
}
