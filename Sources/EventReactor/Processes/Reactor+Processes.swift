import CLibev
import Glibc

extension Reactor {
    /// Calls the closure once, when the child process has ended.
    ///
    /// Works on any reactor of the process, and for a child that has already ended but has not been waited for.
    ///
    /// A child has one owner, which reaps it. If this is a library that has started it, such as Foundation's `Process`
    /// or swift-subprocess, pass `reaps: false`, so that its own status stays right; and watch the child before it can
    /// end, or use the library's own report, because the pid of a child that has been reaped means nothing. If another
    /// call reaps the child first, the status is reported all the same on Linux 6.15 or newer, and is
    /// ``ProcessExitStatus/unknown`` before. A child of ``spawn(_:_:environment:input:output:error:onExit:)`` has no other
    /// owner.
    ///
    /// - Parameters:
    ///   - pid: The child's process id.
    ///   - reaps: Whether this call is the owner of the child, and reaps it. Default true.
    ///   - body: Called with how the child ended.
    /// - Throws: ``ReactorError/Code/noSuchProcess`` when there is no such process (any more),
    ///   ``ReactorError/Code/notAChild`` when it is not a child of this process, ``ReactorError/Code/invalidArgument``
    ///   for a pid of zero or less.
    @discardableResult
    public func onExit(
        of pid: CInt,
        reaps: Bool = true,
        _ body: @escaping (ProcessWatcher, ProcessExitStatus) throws -> Void
    ) throws(ReactorError) -> ProcessWatcher {
        checkThread()
        return try ProcessWatcher(pid, on: self, reaps: reaps, body: body)
    }

    /// Starts a program, and calls the closure once, when it has ended.
    ///
    /// ```swift
    /// let child = try reactor.spawn("sort", ["-n"], input: .pipe, output: .pipe) { _, status in print(status) }
    /// ```
    ///
    /// The child has no descriptors but its three streams, unless some are not close-on-exec, and the default
    /// disposition of `SIGPIPE`. It goes on when the reactor ends.
    ///
    /// - Parameters:
    ///   - program: A path, or a name that is looked up in `PATH`.
    ///   - arguments: Without the program's name, which is the first one.
    ///   - environment: All variables; nil for those of this process.
    ///   - input: The child's standard input.
    ///   - output: The child's standard output.
    ///   - error: The child's standard error.
    ///   - onExit: Called with how the child ended. Its last output may still be in a pipe.
    /// - Throws: ``ReactorError`` when the program cannot be started: ``ReactorError/errno`` is `ENOENT` if it does not
    ///   exist. Nothing runs then.
    @discardableResult
    public func spawn(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String]? = nil,
        input: ChildStream = .inherited,
        output: ChildStream = .inherited,
        error: ChildStream = .inherited,
        onExit: @escaping (ProcessWatcher, ProcessExitStatus) throws -> Void
    ) throws(ReactorError) -> SpawnedProcess {
        checkThread()
        var streams = ChildStreams()
        defer { streams.closeChildEnds() }
        let watcher: ProcessWatcher
        do throws(ReactorError) {
            try streams.add(input, isInput: true)
            try streams.add(output)
            try streams.add(error)
            watcher = try watchOrEnd(start(program, arguments, environment, streams.forChild), onExit)
        } catch {
            streams.closeOwnEnds()
            throw error
        }
        return SpawnedProcess(watcher, streams.own)
    }

    /// Watches a child that has just been started. One that cannot be watched, for want of a descriptor, is ended: it
    /// would be out of the caller's reach.
    private func watchOrEnd(
        _ pid: CInt,
        _ onExit: @escaping (ProcessWatcher, ProcessExitStatus) throws -> Void
    ) throws(ReactorError) -> ProcessWatcher {
        do throws(ReactorError) { return try self.onExit(of: pid, onExit) } catch {
            kill(pid, SIGKILL)
            while waitpid(pid, nil, 0) < 0, errno == EINTR {}
            throw error
        }
    }

    private func start(
        _ program: String,
        _ arguments: [String],
        _ environment: [String: String]?,
        _ streams: [CInt]
    ) throws(ReactorError) -> CInt {
        let words = CStrings([program] + arguments)
        let variables = environment.map { CStrings($0.map { "\($0.key)=\($0.value)" }) }
        defer { withExtendedLifetime((words, variables)) {} }
        var pid: CInt = 0
        let result = clibev_spawn(&pid, program, words.pointers, variables?.pointers, streams)
        guard result == 0 else { throw .system("cannot start \(program)", errno: result) }
        return pid
    }
}

/// An array of C strings, as exec(3) expects it.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        pointers = .allocate(capacity: count + 1)
        for (index, text) in texts.enumerated() { (pointers + index).initialize(to: strdup(text)) }
        (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}
