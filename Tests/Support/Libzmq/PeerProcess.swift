import FoundationEssentials
import Synchronization

/// A process of Debian's Python with libzmq, `Tests/Peers/peer.py`, with the sockets of one or more `LibzmqPeer`s.
public final class PeerProcess: Sendable {
    public let child: ChildProcess
    private let answers: Monitor<Answers>
    private let counter = Atomic(0)

    private struct Answers: Sendable {
        var unread: [UInt8] = []
        var ready: [Int: PeerAnswer] = [:]
        var nonsense: String?
        var hasEnded = false

        mutating func take(_ bytes: [UInt8]) {
            if bytes.isEmpty { hasEnded = true }
            // The content of `unread` has no line end yet.
            for piece in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
                takeLine(unread + piece)
                unread = []
            }
            let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            unread += bytes[end...]
        }

        private mutating func takeLine(_ line: [UInt8]) {
            do {
                let answer = try JSONDecoder().decode(PeerAnswer.self, from: Data(line))
                ready[answer.id] = answer
            } catch {
                nonsense = "\(String(decoding: line, as: UTF8.self)): \(error)"
            }
        }
    }

    public convenience init() throws { try self.init(["Tests/Peers/peer.py"]) }

    /// - Parameter program: the program's path in the project, and its arguments.
    init(_ program: [String]) throws {
        let answers = Monitor(Answers())
        self.answers = answers
        let arguments = [Project.file(program[0])] + program.dropFirst()
        child = try ChildProcess("/usr/bin/python3", arguments) { bytes in
            answers.withLock { $0.take(bytes) }
        }
    }

    /// Ends it with SIGKILL, as a crash would.
    public func kill() throws {
        child.kill()
        try child.wait()
    }

    func start<Value>(
        _ command: PeerCommand,
        within limit: Duration = .seconds(10),
        _ decode: @escaping @Sendable (PeerAnswer) throws -> Value
    ) throws -> PeerReply<Value> {
        var command = command
        command.id = nextNumber()
        try write(command)
        return PeerReply(process: self, command: command, decode: decode, limit: limit)
    }

    func nextNumber() -> Int { counter.add(1, ordering: .relaxed).newValue }

    func write(_ command: PeerCommand) throws {
        try child.write(Array(JSONEncoder().encode(command)) + [UInt8(ascii: "\n")])
    }

    func hasAnswer(to id: Int) -> Bool {
        answers.withLock { $0.ready[id] != nil || $0.hasEnded || $0.nonsense != nil }
    }

    func answer(to command: PeerCommand, within limit: Duration) throws -> PeerAnswer {
        enum Outcome { case answer(PeerAnswer), nonsense(String), ended }
        let outcome = answers.wait(within: limit) { answers -> Outcome? in
            if let answer = answers.ready.removeValue(forKey: command.id) { return .answer(answer) }
            if let nonsense = answers.nonsense { return .nonsense(nonsense) }
            return answers.hasEnded ? .ended : nil
        }
        switch outcome {
        case .answer(let answer): return answer
        case .nonsense(let line): throw child.failure("printed an invalid reply: \(line)")
        case .ended: throw child.failure("ended before it replied to \(command.operation)")
        case nil: throw child.failure("did not reply to \(command.operation) within \(limit)")
        }
    }
}
