extension Reactor {
    /// Waits until a descriptor is ready. For tasks that live on this reactor.
    ///
    /// The descriptor must stay open meanwhile. Each call begins and ends a watch of its own, which takes two system calls: for a
    /// descriptor that is busy, keep a watcher, see ``watch(_:for:handler:)``.
    ///
    /// - Returns: What it is ready for, of what was asked; nil when the task was cancelled.
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
