import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct OutboxTests {
    /// Counts the signals to the loop.
    private final class Signals: WakeupHandler {
        let count: Locked<Int>
        init(_ count: Locked<Int>) { self.count = count }
        func wakeupSignalled() { count.withLock { $0 += 1 } }
    }

    /// An outbox with one recipient, whose loop, on another thread, counts its signals.
    private func withOutbox(
        _ messages: Int,
        bytes: Int? = nil,
        _ body: (Outbox, _ signals: () -> Int) async throws -> Void
    ) async throws {
        let (wakeup, signals) = (Wakeup(), Locked(0))
        let thread = try Reactor.start(named: "outbox") { $0.register(Signals(signals), for: wakeup) }
        defer {
            thread.stop()
            thread.join()
        }
        let outbox = Outbox(on: thread.handle, wakeup: wakeup)
        outbox.add(1, CreditWindow(messages: messages, bytes: bytes))
        try await body(outbox) { signals.withLock { $0 } }
    }

    private func texts(_ items: [Outbox.Item]) -> [String] { items.map(\.message.string) }

    @Test("a message counts until it is released; the loop is woken once for any number of them")
    func bound() async throws {
        try await withOutbox(2) { outbox, signals in
            #expect((try? outbox.put("a", for: 1)) == true)
            #expect((try? outbox.put("b", for: 1)) == true)
            #expect((try? outbox.put("c", for: 1)) == false)
            while signals() < 1 { await Task.yield() }
            #expect(outbox.count == 2)
            let items = outbox.take()
            #expect(texts(items) == ["a", "b"] && outbox.count == 0)
            #expect((try? outbox.put("c", for: 1)) == false)
            #expect(outbox.release([1: items[0].credit]) == false)
            #expect((try? outbox.put("c", for: 1)) == true)
            while signals() < 2 { await Task.yield() }
            #expect(signals() == 2)
        }
    }

    @Test("bytes count, too, and a message larger than the mark passes alone")
    func bytes() async throws {
        try await withOutbox(100, bytes: 10) { outbox, _ in
            #expect((try? outbox.put(Message([UInt8](repeating: 1, count: 50)), for: 1)) == true)
            #expect((try? outbox.put("x", for: 1)) == false)
            _ = outbox.release([1: outbox.take()[0].credit])
            #expect((try? outbox.put("x", for: 1)) == true)
        }
    }

    @Test("recipients have their own room; an unknown one, and one that is gone, is an error")
    func recipients() async throws {
        try await withOutbox(1) { outbox, _ in
            outbox.add(2, CreditWindow(messages: 1, bytes: nil))
            #expect((try? outbox.put("a", for: 1)) == true)
            #expect((try? outbox.put("b", for: 1)) == false)
            #expect((try? outbox.put("c", for: 2)) == true)
            outbox.remove(2)
            for unknown in [0, 2, 3] as [UInt32] {
                let error = #expect(throws: ZMQError.self) { try outbox.put("d", for: unknown) }
                #expect(error?.code == .hostUnreachable)
            }
            #expect(outbox.release([2: Credit(messages: 1, bytes: 3), 9: Credit(messages: 1, bytes: 1)]) == false)
        }
    }

    @Test("sends that wait are served in order, and none goes ahead of them")
    func order() async throws {
        try await withOutbox(1) { outbox, _ in
            #expect((try? outbox.put("0", for: 1)) == true)
            var tasks: [Task<Void, any Error>] = []
            for number in 1...3 {
                tasks.append(Task { try await outbox.putWhenReady(Message("\(number)"), for: 1) })
                while outbox.waiting(for: 1) < number { await Task.yield() }
            }
            tasks[1].cancel()
            let cancelled = await #expect(throws: ZMQError.self) { try await tasks[1].value }
            #expect(cancelled?.code == .cancelled)
            for text in ["0", "1", "3"] {
                let items = outbox.take()
                #expect(texts(items) == [text])
                #expect((try? outbox.put("ahead", for: 1)) == false)
                #expect(outbox.release([1: items[0].credit]) == (text != "3"))
            }
            try await tasks[0].value
            try await tasks[2].value
            #expect(outbox.take().isEmpty)
        }
    }

    @Test("the end of the outbox, or of a recipient, ends waits; what was accepted is returned")
    func end() async throws {
        try await withOutbox(1) { outbox, _ in
            outbox.add(2, CreditWindow(messages: 1, bytes: nil))
            for recipient in [1, 2] as [UInt32] { #expect((try? outbox.put("kept", for: recipient)) == true) }
            let waiting = [1, 2].map { recipient in
                Task { try await outbox.putWhenReady("waits", for: recipient) }
            }
            while outbox.waiting(for: 1) + outbox.waiting(for: 2) < 2 { await Task.yield() }
            outbox.remove(2)
            let gone = await #expect(throws: ZMQError.self) { try await waiting[1].value }
            #expect(gone?.code == .hostUnreachable)
            #expect(texts(outbox.close(with: ZMQError(.closed, "closed"))) == ["kept", "kept"])
            let closed = await #expect(throws: ZMQError.self) { try await waiting[0].value }
            #expect(closed?.code == .closed)
            #expect(throws: ZMQError.self) { try outbox.put("late", for: 1) }
            await #expect(throws: ZMQError.self) { try await outbox.putWhenReady("late", for: 1) }
            #expect(outbox.close(with: ZMQError(.closed, "closed")).isEmpty)
        }
    }

    @Test("a task that is cancelled before it sends, sends nothing")
    func cancelledEarly() async throws {
        try await withOutbox(1) { outbox, _ in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                try await outbox.putWhenReady("never", for: 1)
            }
            task.cancel()
            let error = await #expect(throws: ZMQError.self) { try await task.value }
            #expect(error?.code == .cancelled && outbox.count == 0)
        }
    }

    @Test("cancellations race with room: each send is accepted or cancelled, never both")
    func races() async throws {
        try await withOutbox(3) { outbox, _ in
            let count = 2000
            let tasks = (0..<count).map { number in
                Task.detached { () -> Bool in
                    do {
                        try await outbox.putWhenReady(Message("\(number)"), for: 1)
                        return true
                    } catch {
                        return false
                    }
                }
            }
            for (number, task) in tasks.enumerated() where number % 3 == 0 { task.cancel() }
            var taken: [String] = []
            let done = Locked(false)
            Task.detached {
                for task in tasks { _ = await task.value }
                done.withLock { $0 = true }
            }
            while !done.withLock({ $0 }) {
                let items = outbox.take()
                taken += texts(items)
                for item in items { _ = outbox.release([1: item.credit]) }
                await Task.yield()
            }
            taken += texts(outbox.take())
            var accepted: [String] = []
            for (number, task) in tasks.enumerated() where await task.value { accepted.append("\(number)") }
            #expect(taken.sorted() == accepted.sorted())
            #expect(accepted.count >= count - count / 3 - 1)
            #expect(outbox.waiting(for: 1) == 0)
        }
    }

    @Test("without its reactor the outbox is closed")
    func reactorGone() throws {
        var reactor: Reactor? = try Reactor()
        let outbox = Outbox(on: reactor!.handle, wakeup: Wakeup())
        outbox.add(1, .unlimited)
        reactor = nil
        _ = try outbox.put("lost", for: 1)
        let error = #expect(throws: ZMQError.self) { try outbox.put("late", for: 1) }
        #expect(error?.code == .closed)
    }
}
