import TestSupport
import Testing

@testable import ZMTP

/// The corpus of `Tests/fuzz`, replayed: the sessions it begins with, and all that ever failed.
@Suite struct CorpusTests {
    @Test(arguments: FuzzTarget.zmtp) func replay(target: FuzzTarget) throws {
        let entries = try Corpus.entries(of: target.name)
        #expect(!entries.isEmpty)
        for entry in entries {
            let fault = target.run(entry.bytes)
            #expect(fault == nil, "\(entry)")
        }
    }
}
