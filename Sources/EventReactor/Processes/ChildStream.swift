import CLibev
import Glibc

/// What a child process has as its standard input, output or error; see
/// ``Reactor/spawn(_:_:environment:input:output:error:onExit:)``.
public enum ChildStream: Hashable, Sendable {
    /// The same as this process has.
    case inherited
    /// `/dev/null`.
    case null
    /// One end of a new pipe, whose other end is a descriptor of ``SpawnedProcess``.
    case pipe
    /// A descriptor of this process, which stays open here: close it when the child need not share it any more.
    case descriptor(CInt)
}

/// A program started by ``Reactor/spawn(_:_:environment:input:output:error:onExit:)``.
public struct SpawnedProcess {
    /// The watch for the program's end.
    public let watcher: ProcessWatcher

    /// The program's process id.
    public var pid: CInt { watcher.pid }

    /// Where to write what the program reads, if its input is a pipe. Non-blocking and close-on-exec; the caller closes
    /// it, after cancelling its watcher.
    public let input: CInt?

    /// Where to read what the program writes, if its output is a pipe. As ``input``.
    public let output: CInt?

    /// Where to read what the program writes to its standard error, if that is a pipe. As ``input``.
    public let error: CInt?

    init(_ watcher: ProcessWatcher, _ own: [CInt?]) {
        self.watcher = watcher
        (input, output, error) = (own[0], own[1], own[2])
    }
}

@available(*, unavailable, message: "its watcher belongs to the thread of its reactor")
extension SpawnedProcess: Sendable {}

/// The descriptors of the streams of a child that is being started.
struct ChildStreams {
    /// What the child gets; -1 for `/dev/null`.
    private(set) var forChild: [CInt] = []
    /// Our ends of the pipes.
    private(set) var own: [CInt?] = []
    private var childEnds: [CInt] = []

    mutating func add(_ stream: ChildStream, isInput: Bool = false) throws(ReactorError) {
        var ownEnd: CInt?
        switch stream {
        case .inherited: forChild.append(fcntl(CInt(forChild.count), F_GETFD) < 0 ? -1 : CInt(forChild.count))
        case .null: forChild.append(-1)
        case .descriptor(let descriptor):
            guard fcntl(descriptor, F_GETFD) >= 0 else {
                throw .system("cannot pass descriptor \(descriptor) to a child")
            }
            forChild.append(descriptor)
        case .pipe:
            var ends: [CInt] = [-1, -1]
            guard clibev_pipe(&ends) == 0 else { throw .system("cannot make a pipe") }
            let (child, mine) = isInput ? (ends[0], ends[1]) : (ends[1], ends[0])
            forChild.append(child)
            childEnds.append(child)
            _ = fcntl(mine, F_SETFL, O_NONBLOCK)
            ownEnd = mine
        }
        own.append(ownEnd)
    }

    func closeChildEnds() { for end in childEnds { close(end) } }

    func closeOwnEnds() { for case let end? in own { close(end) } }
}
