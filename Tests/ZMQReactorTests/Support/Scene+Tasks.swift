import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

extension Scene {
    /// Starts a task that records the error with which it ends, if any.
    @discardableResult
    func task(_ records: Recorder, _ body: @escaping (Reactor) async throws -> Void) -> Task<Void, any Error> {
        reactor.task { reactor in
            do {
                try await body(reactor)
            } catch let error as ZMQError {
                records.add(error.errnoName)
            } catch {
                records.add("\(error)")
            }
        }
    }

    /// Runs until there are this many records, and for a moment more.
    func wait(for count: Int, entriesOf records: Recorder) throws {
        try run(until: { records.count >= count }, "\(count) entries, not \(records.texts)")
        reactor.run(.nowait)
    }

    /// Lets tasks proceed as far as they can without any event.
    func turn() { for _ in 0..<3 { reactor.run(.nowait) } }
}
