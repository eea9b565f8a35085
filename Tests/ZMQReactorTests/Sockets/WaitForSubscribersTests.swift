import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite struct WaitForSubscribersTests {
    private func isSuccess(_ result: Result<Void, ZMQError>?) -> Bool {
        if case .success? = result { true } else { false }
    }

    @Test
    func laterMessagesReachAllSubscribers() throws {
        try withTimedScene { scene in
            let pub = try scene.pub()
            let endpoint = try scene.endpoint(of: pub)
            var result: Result<Void, ZMQError>?
            pub.waitForSubscribers(5, to: "A1") {
                result = $0
                try! pub.send("A1")
            }
            let subs = try (0..<5).map { _ in try scene.sub(to: "A") }
            for sub in subs {
                #expect(result == nil)
                try sub.connect(endpoint)
                scene.settle()
            }
            for sub in subs { #expect(try scene.receive(sub) == "A1") }
            #expect(isSuccess(result))
            #expect(pub.subscriberCount(to: "A1") == 5)
            #expect(pub.subscriberCount(to: "B") == 0)
        }
    }

    @Test
    func itIsNeverCalledBeforeItReturns() throws {
        try withScene { scene in
            let pub = try scene.pub()
            var called = false
            pub.waitForSubscribers(0) { _ in called = true }
            #expect(!called)
            try scene.wait("the call") { called }
        }
    }

    @Test
    func itEndsWithItsTime() throws {
        try withTimedScene { scene in
            let pub = try scene.pub()
            var results: [ZMQError.Code?] = []
            pub.waitForSubscribers(1, within: .milliseconds(20)) { result in
                if case .failure(let error) = result { results.append(error.code) } else { results.append(nil) }
            }
            try scene.wait("the end") { !results.isEmpty }
            let sub = try scene.sub(to: "")
            try scene.connect(sub, to: pub)
            scene.settle()
            #expect(results == [.timedOut])
        }
    }

    @Test
    func itEndsWithTheSocket() throws {
        try withScene { scene in
            let pub = try scene.xpub()
            var code: ZMQError.Code?
            pub.waitForSubscribers(1) { if case .failure(let error) = $0 { code = error.code } }
            pub.close()
            #expect(code == nil)
            try scene.wait("the end") { code == .closed }
            code = nil
            pub.waitForSubscribers(1) { if case .failure(let error) = $0 { code = error.code } }
            try scene.wait("the end") { code == .closed }
        }
    }

    @Test
    func itMayBeCalledAgainFromItsOwnCallback() throws {
        try withScene { scene in
            let pub = try scene.pub()
            var rounds: [Int] = []
            pub.waitForSubscribers(1) { _ in
                rounds.append(1)
                pub.waitForSubscribers(2) { _ in rounds.append(2) }
            }
            try scene.connect(scene.sub(to: "a"), to: pub)
            try scene.wait("the first") { rounds == [1] }
            try scene.connect(scene.sub(to: "b"), to: pub)
            try scene.wait("the second") { rounds == [1, 2] }
        }
    }

    @Test("a task that is cancelled leaves no wait behind")
    func cancelledTask() throws {
        try withVirtualScene { scene in
            let (pub, radio, records) = (try scene.pub(), try scene.open(RadioSocket.self), Recorder())
            let tasks = [
                scene.task(records) { _ in try await pub.waitForSubscribers(within: .seconds(1000)) },
                scene.task(records) { _ in try await radio.waitForMembers(of: "g") },
            ]
            scene.turn()
            #expect(pub.distributor.pendingWaits == 1 && radio.distributor.pendingWaits == 1)
            for task in tasks { task.cancel() }
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts == ["ECANCELED", "ECANCELED"])
            #expect(pub.distributor.pendingWaits == 0 && radio.distributor.pendingWaits == 0)
        }
    }
}
