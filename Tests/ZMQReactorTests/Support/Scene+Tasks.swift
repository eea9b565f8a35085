import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The records of a test's tasks, in order: texts, and names of errors.
final class Diary {
    private(set) var entries: [String] = []
    func add(_ entry: String) { entries.append(entry) }
    func clear() { entries = [] }
}

extension Scene {
    /// Starts a task that records the error with which it ends, if any.
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

    /// Runs until there are this many records, and for a moment more.
    func wait(for count: Int, entriesOf diary: Diary) throws {
        try run(until: { diary.entries.count >= count }, "\(count) entries, not \(diary.entries)")
        reactor.run(.nowait)
    }

    /// Lets tasks proceed as far as they can without any event.
    func turn() { for _ in 0..<3 { reactor.run(.nowait) } }
}
