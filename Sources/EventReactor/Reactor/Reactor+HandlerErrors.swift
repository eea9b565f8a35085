import Glibc

extension Reactor {
    /// Called with what the closure of a handler has thrown, and with what it was called for: the socket, timer or
    /// watcher. The handler stays, and is called again at its next event.
    ///
    /// ```swift
    /// reactor.onError = { error, source in log.error("\(error)", metadata: ["source": "\(type(of: source))"]) }
    /// ```
    ///
    /// Without this, errors are printed to standard error, at most one each second with the number of those in between,
    /// so that a peer that provokes them cannot fill a disk. All are counted in ``handlerErrorCount``.
    ///
    /// It is not called for the closures that end a request or another call, for submitted work, and for tasks: the error
    /// of a task is the result of awaiting it, and is lost with a task that nothing awaits.
    public var onError: ((any Error, AnyObject) -> Void)? {
        get { handlerErrors.onError }
        set {
            checkThread()
            handlerErrors.onError = newValue
        }
    }

    /// How often the closure of a handler has thrown.
    public var handlerErrorCount: Int { handlerErrors.count }

    /// Reports what a handler has thrown.
    @inline(never)
    package func handlerFailed(_ error: any Error, of source: AnyObject) {
        handlerErrors.count += 1
        if let onError = handlerErrors.onError { return onError(error, source) }
        guard let omitted = handlerErrors.print(at: nanoseconds) else { return }
        let others = omitted > 0 ? " (and \(omitted) more since the last one)" : ""
        let text = "error in the handler of a \(type(of: source)): \(error)\(others); see Reactor.onError\n"
        let bytes = Array(text.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// What the closures of handlers have thrown.
struct HandlerErrors {
    var onError: ((any Error, AnyObject) -> Void)?
    var count = 0
    private var nextTime = Int64.min
    private var omitted = 0

    /// Whether one is printed now: how many have not been since the last one; nil if it is not.
    mutating func print(at time: Int64) -> Int? {
        guard time >= nextTime else {
            omitted += 1
            return nil
        }
        nextTime = time + 1_000_000_000
        defer { omitted = 0 }
        return omitted
    }
}
