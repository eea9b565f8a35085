import CSockets

// A ring of bytes in memory that two processes share. One writes, the other reads, and neither trusts the other: it may
// change every byte at any time.
//
//   words:  0    how many bytes have ever been written      changed by the writer
//           128  how many bytes have ever been read         changed by the reader
//           256  whether the reader sleeps                  set by the reader, taken by the writer
//           384  whether the writer sleeps                  set by the writer, taken by the reader
//
// Rules:
// * Each side knows its own number, and never reads it back. It reads the other's once into a local variable, and ends
//   if the difference of both is more than the ring holds: what follows uses the local variable alone.
// * A place in the ring is a number modulo the capacity, so that no number leads out of it.
// * Bytes are copied out before anything looks at them: what has been checked cannot change.
// * A side that is about to sleep says so, and then looks once more. The other publishes first, and then looks whether
//   anything sleeps. So one of the two always sees what the other has done.
// * The reader wakes a writer only when there is room worth waking for. It reads on until then.

/// Where the words of a ring are.
private enum Word {
    static let written = 0
    static let read = 128
    static let readerSleeps = 256
    static let writerSleeps = 384
}

/// Bytes that are copied before the other side learns of it, so that both work at the same time.
private let slice = 32 * 1024

/// The end of a ring from which bytes are read.
struct RingReader {
    private let words: UnsafeMutableRawPointer
    private let bytes: UnsafeMutableRawPointer
    private let capacity: Int
    /// How many bytes have ever been read, and how many had been written when that was last looked at.
    private var position: UInt64 = 0
    private var written: UInt64 = 0

    init(words: UnsafeMutableRawPointer, bytes: UnsafeMutableRawPointer, capacity: Int) {
        (self.words, self.bytes, self.capacity) = (words, bytes, capacity)
    }

    /// Bytes that can be read; nil when the writer says what cannot be.
    private mutating func look() -> Int? {
        // Once: it may be another number the next time.
        let written = csockets_load_index(words + Word.written)
        let count = written &- position
        guard count <= UInt64(capacity) else { return nil }
        self.written = written
        return Int(count)
    }

    /// Whether there is something to read, or the writer says what cannot be.
    var hasBytes: Bool { csockets_load_index(words + Word.written) != position }

    /// Reads what is there, and what is written meanwhile, up to the size of the room. Returns the count; nil when the
    /// writer says what cannot be.
    mutating func read(into room: UnsafeMutableRawBufferPointer) -> Int? {
        guard let start = room.baseAddress else { return 0 }
        var total = 0
        while total < room.count {
            var available = Int(written &- position)
            if available == 0 {
                guard let found = look() else { return nil }
                available = found
            }
            guard available > 0 else { break }
            let offset = Int(truncatingIfNeeded: position) & (capacity - 1)
            let count = min(available, room.count - total, capacity - offset, slice)
            (start + total).copyMemory(from: bytes + offset, byteCount: count)
            position &+= UInt64(count)
            csockets_store_index(words + Word.read, position)
            total += count
        }
        return total
    }

    /// Says that this end sleeps. It must look at `hasBytes` once more before it does.
    func beginSleep() { csockets_store_flag(words + Word.readerSleeps, 1) }

    func endSleep() { csockets_store_flag(words + Word.readerSleeps, 0) }

    /// Whether the writer has to be woken, by the caller: it sleeps, and half of the ring is free.
    func takeSleepOfWriter() -> Bool {
        guard csockets_has_flag(words + Word.writerSleeps) != 0 else { return false }
        let used = csockets_load_index(words + Word.written) &- position
        guard used <= UInt64(capacity - capacity / 2) else { return false }
        return csockets_take_flag(words + Word.writerSleeps) != 0
    }
}

/// The end of a ring to which bytes are written.
struct RingWriter {
    private let words: UnsafeMutableRawPointer
    private let bytes: UnsafeMutableRawPointer
    private let capacity: Int
    /// How many bytes have ever been written, and how many had been read when that was last looked at.
    private var position: UInt64 = 0
    private var read: UInt64 = 0

    init(words: UnsafeMutableRawPointer, bytes: UnsafeMutableRawPointer, capacity: Int) {
        (self.words, self.bytes, self.capacity) = (words, bytes, capacity)
    }

    /// The room that is worth writing to, for a side that has found none and looks again.
    private var worthwhile: Int { capacity / 4 }

    /// The room there is; nil when the reader says what cannot be.
    private mutating func look() -> Int? {
        // Once: it may be another number the next time.
        let read = csockets_load_index(words + Word.read)
        let used = position &- read
        guard used <= UInt64(capacity) else { return nil }
        self.read = read
        return capacity - Int(used)
    }

    /// Whether there is room worth writing to, or the reader says what cannot be.
    var hasRoom: Bool {
        let used = position &- csockets_load_index(words + Word.read)
        return used > UInt64(capacity) || Int(used) <= capacity - worthwhile
    }

    /// Writes as much as there is room for. Returns the count; nil when the reader says what cannot be.
    mutating func write(_ source: UnsafeRawBufferPointer) -> Int? {
        guard let start = source.baseAddress else { return 0 }
        var total = 0
        while total < source.count {
            var room = capacity - Int(position &- read)
            if room < min(source.count - total, slice) {
                guard let found = look() else { return nil }
                room = found
            }
            guard room > 0 else { break }
            let offset = Int(truncatingIfNeeded: position) & (capacity - 1)
            let count = min(room, source.count - total, capacity - offset, slice)
            (bytes + offset).copyMemory(from: start + total, byteCount: count)
            position &+= UInt64(count)
            csockets_store_index(words + Word.written, position)
            total += count
        }
        return total
    }

    /// Says that this end sleeps. It must look at `hasRoom` once more before it does.
    func beginSleep() { csockets_store_flag(words + Word.writerSleeps, 1) }

    func endSleep() { csockets_store_flag(words + Word.writerSleeps, 0) }

    /// Whether the reader has to be woken, by the caller.
    func takeSleepOfReader() -> Bool { csockets_take_flag(words + Word.readerSleeps) != 0 }
}
