import Testing
import ZMTP

@testable import ZMQReactor

/// Every answer about marks, without a pipe.
@Suite struct CreditWindowTests {
    private func credit(_ messages: Int, _ bytes: Int) -> Credit { Credit(messages: messages, bytes: bytes) }

    @Test("HWM-02: there is room as long as both messages and bytes are below their marks, wherever they are")
    func room() {
        var window = CreditWindow(messages: 3, bytes: 100)
        window.reserve(credit(1, 40))
        #expect(window.hasRoom(behind: credit(1, 59)))
        #expect(!window.hasRoom(behind: credit(1, 60)))
        #expect(!window.hasRoom(behind: credit(2, 0)))
        window.acknowledge(credit(1, 40))
        #expect(window.hasRoom(behind: credit(2, 99)))
        let unlimited = CreditWindow(messages: 0, bytes: nil)
        #expect(unlimited.hasRoom(behind: credit(1 << 40, 1 << 50)))
    }

    @Test("HWM bytes: many at once while all of them are below the mark, then one by one")
    func available() {
        let window = CreditWindow(messages: 10, bytes: 100)
        #expect(window.available(behind: .zero, for: 100) == 10)
        #expect(window.available(behind: .zero, for: 101) == 1)
        #expect(window.available(behind: credit(4, 50), for: 50) == 6)
        #expect(window.available(behind: credit(4, 50), for: 51) == 1)
        #expect(window.available(behind: credit(4, 100), for: 0) == 0)
        #expect(window.available(behind: credit(10, 0), for: 0) == 0)
    }

    @Test("more is acknowledged than is outstanding: that counts for nothing")
    func clamped() {
        var window = CreditWindow(messages: 2, bytes: 100)
        window.reserve(credit(1, 10))
        window.acknowledge(credit(3, 5))
        #expect(window.outstanding == credit(0, 5))
        window.acknowledge(credit(0, 50))
        #expect(window.outstanding == .zero)
    }

    @Test("HWM-08: joined windows add up, and no limit is none; the largest marks do not overflow")
    func joined() {
        let both = CreditWindow(joining: CreditWindow(messages: 2, bytes: 10), CreditWindow(messages: 3, bytes: 20))
        #expect(both.messageLimit == 5 && both.byteLimit == 30)
        let open = CreditWindow(joining: CreditWindow(messages: 0, bytes: 10), CreditWindow(messages: 3, bytes: nil))
        #expect(open.messageLimit == .max && open.byteLimit == .max)
        let huge = CreditWindow(messages: .max - 1, bytes: .max - 1)
        #expect(CreditWindow(joining: huge, huge).messageLimit == .max)
    }

    @Test("what is awaited of a full window makes it half empty, in messages and in bytes, and no less does")
    func awaited() {
        var window = CreditWindow(messages: 10, bytes: 100)
        window.reserve(credit(10, 80))
        #expect(window.awaited(behind: .zero, isFull: true, sharesBudget: false) == credit(5, 30))
        window.acknowledge(credit(5, 29))
        #expect(!window.isHalfEmpty(with: .zero))
        #expect(window.awaited(behind: .zero, isFull: false, sharesBudget: false) == credit(0, 1))
        window.acknowledge(credit(0, 1))
        #expect(window.isHalfEmpty(with: .zero))
        #expect(window.awaited(behind: .zero, isFull: false, sharesBudget: false) == .zero)
        #expect(!window.isAwaiting)
    }

    @Test("a window whose bytes others wait for awaits half of them, however empty it is")
    func shared() {
        var window = CreditWindow(messages: 1000, bytes: 1000)
        #expect(window.awaited(behind: .zero, isFull: false, sharesBudget: true) == .zero)
        window.reserve(credit(4, 100))
        #expect(window.awaited(behind: .zero, isFull: false, sharesBudget: true) == credit(1, 50))
        window.acknowledge(credit(4, 100))
        #expect(window.awaited(behind: .zero, isFull: false, sharesBudget: true) == .zero)
    }
}

@Suite struct SendBudgetTests {
    private func turns(_ budget: inout SendBudget, _ changes: [Int]) -> [SendBudget.Turn] {
        changes.map { budget.change(by: $0) }
    }

    @Test("a budget is used up at its limit, until half of it is free")
    func limit() {
        var budget = SendBudget(100)
        #expect(
            turns(&budget, [99, 1, 50, -99, -1, 49, 1]) == [
                .none, .exhausted, .none, .none, .reopened, .none, .exhausted,
            ]
        )
    }

    @Test("another limit holds at once, in either direction")
    func change() {
        var budget = SendBudget(100)
        #expect(budget.change(by: 90) == .none)
        #expect(budget.setLimit(80) == .exhausted)
        #expect(budget.setLimit(90) == .none)
        #expect(budget.setLimit(91) == .reopened)
        #expect(budget.setLimit(1) == .exhausted)
        #expect(budget.setLimit(nil) == .reopened)
    }
}

/// What keeps the paths quick on which there are marks in bytes.
@Suite struct MarksInBytesTests {
    @Test(
        "by default many messages arrive at once, and what grows is handed over without a lock",
        .nothingMovesByItself
    )
    func quickPaths() throws {
        try withScene { scene in
            let socket = try scene.push()
            let pipe = Pipe(
                of: socket,
                endpoint: .inproc("x"),
                options: socket.endpointOptions.pipe,
                isPersistent: true
            )
            #expect(pipe.inboundRoom(for: 64 * 1024) == 1000)
            #expect(pipe.hasRoom && pipe.hasClearRoom)
            pipe.isRelayed = true
            pipe.outbound.append("first")
            pipe.handOver { _ in }
            let start = try #require(pipe.outbound.place?.next)
            pipe.outbound.append("second")
            #expect(pipe.hasClearRoom)
            #expect(pipe.handOverGrowth(from: start)?.count == 1)
            #expect(pipe.sending.outstanding == Credit(messages: 2, bytes: 7 + 8))
        }
    }

    @Test("messages that are larger than what is copied are counted each, until they have gone")
    func largeMessages() throws {
        try withScene { scene in
            let socket = try scene.push { $0.sendHighWaterMarkBytes = 1 << 20 }
            let pipe = Pipe(
                of: socket,
                endpoint: .inproc("x"),
                options: socket.endpointOptions.pipe,
                isPersistent: true
            )
            let large = Message([UInt8](repeating: 1, count: 400_000))
            var taken = 0
            while pipe.hasRoom {
                pipe.outbound.append(large)
                #expect(!pipe.hasClearRoom)
                taken += 1
            }
            #expect(taken == 3)
            pipe.release(pipe.outbound.byteCount)
            #expect(pipe.hasRoom && pipe.hasClearRoom)
        }
    }
}
