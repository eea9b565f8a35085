import Testing

@testable import zmqcat

@Suite struct PendingBytesTests {
    @Test("bytes are written in order, and few are moved", arguments: [1, 7, 4096])
    func order(piece: Int) {
        var pending = PendingBytes()
        var left: [UInt8] = []
        var appended = 0
        func take() {
            let part = pending.withUnsafeBytes { [UInt8]($0.prefix(piece)) }
            left += part
            pending.drop(part.count)
        }
        for round in 0..<200 {
            pending.bytes += (0..<500).map { UInt8(truncatingIfNeeded: appended + $0) }
            appended += 500
            for _ in 0..<(round % 3) { take() }
        }
        while !pending.isEmpty { take() }
        #expect(left == (0..<appended).map { UInt8(truncatingIfNeeded: $0) })
        #if DEBUG
            #expect(pending.moved <= appended)
        #endif
    }

    @Test("the memory of a large message is not kept")
    func memory() {
        var pending = PendingBytes()
        pending.bytes += [UInt8](repeating: 0, count: 10_000_000)
        pending.drop(9_999_999)
        #expect(pending.count == 1)
        pending.drop(1)
        #expect(pending.isEmpty && pending.bytes.capacity < 1_000_000)
    }
}
