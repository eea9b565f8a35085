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

    func add(_ text: @autoclosure () -> String) {
        count += 1
        let line = "\(time()) \(text())"
        for byte in line.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
        if keepsLines { lines.append(line) }
    }
}
