import Testing
import ZMTP

@testable import ZMQReactor

/// Every answer about marks, without a pipe.
@Suite struct CreditWindowTests {
    private func credit(_ messages: Int, _ bytes: Int) -> Credit { Credit(messages: messages, bytes: bytes) }

    @Test("there is room as long as both messages and bytes are below their marks, wherever they are")
    func room() {
        var window = CreditWindow(messages: 3, bytes: 100)
        window.reserve(credit(1, 40))
        #expect(window.canReserve(behind: credit(1, 59)))
        #expect(!window.canReserve(behind: credit(1, 60)))
        #expect(!window.canReserve(behind: credit(2, 0)))
        window.acknowledge(credit(1, 40))
        #expect(window.canReserve(behind: credit(2, 99)))
        let unlimited = CreditWindow(messages: 0, bytes: nil)
        #expect(unlimited.canReserve(behind: credit(1 << 40, 1 << 50)))
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
