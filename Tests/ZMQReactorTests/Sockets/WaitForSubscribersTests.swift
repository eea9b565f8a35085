import TestSupport
import Testing

@testable import ZMQReactor

@Suite struct WaitForSubscribersTests {
    let bench: Workbench
    init() throws { bench = try Workbench() }

    private func isSuccess(_ result: Result<Void, ZMQError>?) -> Bool { if case .success? = result { true } else { false } }

    @Test func whatIsSentAfterwardsReachesThemAll() throws {
        let pub = try bench.pub()
        let endpoint = try bench.endpoint(of: pub)
        var result: Result<Void, ZMQError>?
        pub.waitForSubscribers(5, to: "A1") {
            result = $0
            try! pub.send("A1")
        }
        let subs = try (0..<5).map { _ in try bench.sub("A") }
        for sub in subs {
            #expect(result == nil)
            try sub.connect(endpoint)
            bench.settle()
        }
        for sub in subs { #expect(try bench.receive(sub) == "A1") }
        #expect(isSuccess(result))
        #expect(pub.subscriberCount(to: "A1") == 5)
        #expect(pub.subscriberCount(to: "B") == 0)
    }

    @Test func itIsNeverCalledBeforeItReturns() throws {
        let pub = try bench.pub()
        var called = false
        pub.waitForSubscribers(0) { _ in called = true }
        #expect(!called)
        try bench.wait("the call") { called }
    }

    @Test func itEndsWithItsTime() throws {
        let pub = try bench.pub()
        var results: [ZMQError.Code?] = []
        pub.waitForSubscribers(1, within: .milliseconds(20)) { result in
            if case .failure(let error) = result { results.append(error.code) } else { results.append(nil) }
        }
        try bench.wait("the end") { !results.isEmpty }
        let sub = try bench.sub("")
        try bench.connect(sub, to: pub)
        bench.settle()
        #expect(results == [.timedOut])
    }

    @Test func itEndsWithTheSocket() throws {
        let pub = try bench.xpub()
        var code: ZMQError.Code?
        pub.waitForSubscribers(1) { if case .failure(let error) = $0 { code = error.code } }
        pub.close()
        #expect(code == nil)
        try bench.wait("the end") { code == .closed }
        code = nil
        pub.waitForSubscribers(1) { if case .failure(let error) = $0 { code = error.code } }
        try bench.wait("the end") { code == .closed }
    }

    @Test func itMayBeCalledAgainFromItsOwnCallback() throws {
        let pub = try bench.pub()
        var rounds: [Int] = []
        pub.waitForSubscribers(1) { _ in
            rounds.append(1)
            pub.waitForSubscribers(2) { _ in rounds.append(2) }
        }
        try bench.connect(bench.sub("a"), to: pub)
        try bench.wait("the first") { rounds == [1] }
        try bench.connect(bench.sub("b"), to: pub)
        try bench.wait("the second") { rounds == [1, 2] }
    }
}
