extension Reactor {
    /// Calls the closure once, when the child process has ended, and reaps it.
    ///
    /// Works on any reactor of the process, and for a child that has already ended but has not been waited for. The
    /// program should not call `waitpid` for the same child or ignore `SIGCHLD`: the status would be lost, and
    /// ``ProcessExitStatus/unknown`` reported.
    ///
    /// - Throws: ``ReactorError/Code/noSuchProcess`` when there is no such process (any more),
    ///   ``ReactorError/Code/notAChild`` when it is not a child of this process, ``ReactorError/Code/invalidArgument``
    ///   for a pid of zero or less.
    @discardableResult
    public func onExit(
        of pid: CInt,
        _ body: @escaping (ProcessWatcher, ProcessExitStatus) -> Void
    ) throws(ReactorError) -> ProcessWatcher {
        checkThread()
        return try ProcessWatcher(pid, on: self, body: body)
    }
}
