import ZMQReactorTesting

/// Everything that happens in a world, in order, with its time: as a number, and as text when asked for.
final class Trace {
    /// The same for the same events in the same order.
    private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    private(set) var count = 0
    private(set) var lines: [String] = []
    private let keepsLines: Bool
    private let time: () -> Duration

    init(keepsLines: Bool, time: @escaping () -> Duration) { (self.keepsLines, self.time) = (keepsLines, time) }

    /// As FNV-1a does, with words in the place of bytes.
    private func mix(_ word: UInt64) {
        digest = (digest ^ word) &* 0x100_0000_01B3
        digest ^= digest >> 29
    }

    func add(_ text: @autoclosure () -> String) {
        count += 1
        var line = "\(time() / .microseconds(1)) \(text())"
        line.withUTF8 { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            var position = 0
            while position + 8 <= bytes.count {
                mix(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                position += 8
            }
            for byte in bytes[position...] { mix(UInt64(byte)) }
        }
        if keepsLines { lines.append(line) }
    }
}
