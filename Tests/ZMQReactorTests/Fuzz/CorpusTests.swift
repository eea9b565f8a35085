import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The corpus of `Tests/fuzz`, replayed: its initial sessions, and all inputs that have failed.
@Suite struct CorpusTests {
    @Test(arguments: FuzzTarget.reactor) func replay(target: FuzzTarget) throws {
        let entries = try Corpus.entries(of: target.name)
        #expect(!entries.isEmpty)
        for entry in entries {
            let fault = target.run(entry.bytes)
            #expect(fault == nil, "\(entry)")
        }
    }
}
