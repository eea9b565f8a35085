import ZMQReactorTestSupport

@testable import ZMQReactor

/// Both ends of a ring, in memory that a peer changes: nothing beyond the ring is accessed, no more is read than there
/// is room for, and without lies every byte arrives.
///
/// Input: the capacity; then steps of a byte each: write, read, sleep, or a lie with the number that follows.
let fuzzMemoryRing: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let capacity = 4096 << Int(input.byte() % 3)
    let words = UnsafeMutableRawPointer.allocate(byteCount: RingMemory.wordsSize, alignment: 128)
    let ring = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    defer {
        words.deallocate()
        ring.deallocate()
    }
    words.initializeMemory(as: UInt8.self, repeating: 0, count: RingMemory.wordsSize)
    ring.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
    var reader = RingReader(words: words, bytes: ring, capacity: capacity)
    var writer = RingWriter(words: words, bytes: ring, capacity: capacity)
    var (sent, received) = (0, 0)
    var isHonest = true
    while !input.rest.isEmpty {
        let step = input.byte()
        let size = Int(input.byte()) << Int(step >> 4)
        switch step & 7 {
        case 0, 1:
            let data = (0..<size).map { UInt8(truncatingIfNeeded: sent + $0) }
            let count = data.withUnsafeBytes { writer.write($0) }
            guard let count else {
                if isHonest { return "an honest reader lies" }
                return nil
            }
            if count > size || count > capacity { return "\(count) of \(size) bytes were written" }
            if isHonest, count != min(size, capacity - (sent - received)) { return "\(count) bytes were written" }
            sent += count
        case 2, 3:
            var room = [UInt8](repeating: 0, count: size)
            let count = room.withUnsafeMutableBytes { reader.read(into: $0) }
            guard let count else {
                if isHonest { return "an honest writer lies" }
                return nil
            }
            if count > size { return "\(count) bytes were read into \(size)" }
            if isHonest {
                if count != min(size, sent - received) { return "\(count) of \(sent - received) bytes were read" }
                let isRight = (0..<count).allSatisfy { room[$0] == UInt8(truncatingIfNeeded: received + $0) }
                if !isRight { return "other bytes were read than written" }
            }
            received += count
        case 4:
            reader.beginSleep()
            if isHonest, !writer.takeSleepOfReader() { return "a reader that sleeps is not woken" }
        case 5:
            writer.beginSleep()
            let wakes = reader.takeSleepOfWriter()
            if isHonest, wakes != (capacity - (sent - received) >= capacity / 2) {
                return "a writer is woken: \(wakes)"
            }
            writer.endSleep()
        default:
            isHonest = false
            let number = input.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            words.storeBytes(of: number, toByteOffset: Int(size % 4) * 128, as: UInt64.self)
        }
    }
    return nil
}
