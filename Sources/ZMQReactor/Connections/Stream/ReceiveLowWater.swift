/// How many bytes must have arrived before a connection becomes readable, see SO_RCVLOWAT in socket(7).
///
/// Nothing can be done with a part of a large frame. To hear of each small part costs the reader a turn, and the writer
/// the waking of the reader: at 1 MiB a tenth of what a message takes. A connection that ends becomes readable all the
/// same, and where the operating system's buffer is smaller than the mark, the system lowers it.
struct ReceiveLowWater {
    private var mark = 1

    /// Rests that are smaller are not worth two more system calls.
    private static let smallest = 64 * 1024

    /// So much is taken at a time of a rest that is larger: the peer writes the next part meanwhile.
    private static let largest = 256 * 1024

    /// The mark to set for a frame of which `rest` bytes have not arrived, 0 if there is no such frame; nil if it is
    /// set already.
    @inline(__always)
    mutating func change(forRest rest: Int) -> Int? {
        let wanted = rest < Self.smallest ? 1 : min(rest, Self.largest)
        guard wanted != mark else { return nil }
        mark = wanted
        return wanted
    }
}
