import Foundation
import Testing
import ZMQReactor

/// A program of this package, in a process of its own, watched by the reactor of a test.
final class Program {
    /// The lines that it has printed so far.
    private(set) var lines: [String] = []

    /// How it ended; nil while it runs.
    private(set) var status: ProcessExitStatus?

    private let process: SpawnedProcess
    private var rest: [UInt8] = []

    init(_ name: String, _ arguments: String..., on reactor: Reactor) throws {
        // The programs are beside this one, which runs the tests.
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let program = folder.appendingPathComponent(name).path
        let ended = Ended()
        process = try reactor.spawn(program, arguments, input: .pipe, output: .pipe) { _, status in
            ended.program?.status = status
        }
        ended.program = self
        let output = try #require(process.output)
        try reactor.watch(output, for: .readable) { [weak self] watcher, _ in
            guard self?.read(output) != true else { return }
            watcher.cancel()
            close(output)
        }
    }

    deinit {
        kill()
        if let input = process.input { close(input) }
    }

    /// Ends it at once, as a crash does.
    func kill() {
        if status == nil { _ = Glibc.kill(process.pid, SIGKILL) }
    }

    /// Types a line.
    func type(_ line: String) throws {
        let input = FileHandle(fileDescriptor: try #require(process.input), closeOnDealloc: false)
        try input.write(contentsOf: Data("\(line)\n".utf8))
    }

    /// Returns false at the end of the output.
    private func read(_ descriptor: CInt) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return false }
        var parts = (rest + bytes.prefix(count)).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = Array(parts.removeLast())
        lines += parts.map { String(decoding: $0, as: UTF8.self) }
        return true
    }

    private final class Ended { weak var program: Program? }
}

extension Program {
    /// The answers that a client has printed, each a number and its square.
    var answers: [String] { lines.filter { !$0.hasPrefix("no answer") } }

    static func squares(_ count: Int) -> [String] { (0..<count).map { "\($0) \($0 * $0)" } }
}

extension Reactor {
    /// Runs until the condition holds.
    func run(until condition: () -> Bool, _ what: String, within limit: Duration = .seconds(60)) throws {
        let start = ContinuousClock.now
        let tick = every(.milliseconds(5)) { _ in }
        defer { tick.cancel() }
        while !condition() {
            run(.once)
            try #require(ContinuousClock.now - start < limit, "waited for \(what) in vain")
        }
    }
}

/// A folder of its own for each test, with room for the endpoints of its programs.
struct TestFolder: ~Copyable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("patterns-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
