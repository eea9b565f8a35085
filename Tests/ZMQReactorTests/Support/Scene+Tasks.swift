import TestSupport
import Testing

@testable import ZMQReactor

/// What tasks of a test have to say, in order: texts, and names of errors.
final class Diary {
    private(set) var entries: [String] = []
    func add(_ entry: String) { entries.append(entry) }
    func clear() { entries = [] }
}

extension Scene {
    /// Begins a task that writes down what it ends with, when that is an error.
    @discardableResult
    func task(_ diary: Diary, _ body: @escaping (Reactor) async throws -> Void) -> Task<Void, any Error> {
        reactor.task { reactor in
            do {
                try await body(reactor)
            } catch let error as ZMQError {
                diary.add(error.errnoName)
            } catch {
                diary.add("\(error)")
            }
        }
    }

    /// Turns until so much has been written, and for a moment more.
    func wait(for count: Int, entriesOf diary: Diary) throws {
        try run(until: { diary.entries.count >= count }, "\(count) entries, not \(diary.entries)")
        reactor.run(.nowait)
    }

    /// Lets tasks come as far as they can without anything happening.
    func turn() { for _ in 0..<3 { reactor.run(.nowait) } }
}
