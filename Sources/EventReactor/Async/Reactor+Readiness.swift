extension Reactor {
    /// Waits until a descriptor is ready. For tasks that live on this reactor.
    ///
    /// The descriptor must stay open meanwhile. Each call starts and ends its own watch, which takes two system calls.
    /// For a busy descriptor, keep a watcher instead: see ``watch(_:for:handler:)``.
    ///
    /// - Returns: The requested conditions that hold, or nil when the task was cancelled.
    /// - Throws: ``ReactorError/Code/badDescriptor`` as ``watch(_:for:handler:)``.
    public nonisolated(nonsending) func readiness(
        of descriptor: CInt,
        for interest: Readiness
    ) async throws(ReactorError) -> Readiness? {
        guard !Task.isCancelled else { return nil }
        let suspension = Suspension<Readiness?>()
        let watcher = try watch(descriptor, for: interest) { watcher, ready in
            watcher.cancel()
            suspension.end(ready)
        }
        let ready = await suspension.wait(on: self, whenCancelled: nil)
        watcher.cancel()
        return ready
    }
}
