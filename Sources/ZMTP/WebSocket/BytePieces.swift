/// Bytes in pieces of memory, first in, first out: however many they are, adding some moves none of the others, and those
/// that are taken give their memory back.
struct BytePieces {
    private var pieces: [[UInt8]] = []
    /// The pieces that have been taken, and the bytes of the next one.
    private var takenPieces = 0
    private var taken = 0
    private(set) var count = 0

    static let pieceSize = 64 * 1024

    init() {}

    var isEmpty: Bool { count == 0 }

    /// Adds bytes; `body` is called with each part of them where it lies now. Returns whether there is memory for them.
    mutating func append(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeMutableRawBufferPointer) -> Void = { _ in }
    ) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            if pieces.count == takenPieces || pieces[pieces.count - 1].count >= Self.pieceSize {
                guard Memory.isAvailable(2 * min(rest.count, Self.pieceSize)) else { return false }
                pieces.append([])
            }
            let last = pieces.count - 1
            let start = pieces[last].count
            let part = rest.prefix(Self.pieceSize - start)
            pieces[last].append(contentsOf: UnsafeRawBufferPointer(rebasing: part))
            pieces[last].withUnsafeMutableBytes { body(UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
            count += part.count
            rest = rest.dropFirst(part.count)
        }
        return true
    }

    /// Adds bytes that lie in an array.
    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        pieces.append(bytes)
        count += bytes.count
    }

    /// Adds others, of which none have been taken.
    mutating func append(_ others: BytePieces) {
        precondition(others.takenPieces == 0 && others.taken == 0)
        pieces += others.pieces
        count += others.count
    }

    /// Takes as many as there is room for; returns how many that are.
    mutating func take(into room: UnsafeMutableRawBufferPointer) -> Int {
        var written = 0
        while written < room.count, !isEmpty {
            let part = min(room.count - written, pieces[takenPieces].count - taken)
            pieces[takenPieces].withUnsafeBytes { bytes in
                let target = UnsafeMutableRawBufferPointer(rebasing: room[written..<written + part])
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[taken..<taken + part]))
            }
            (written, taken, count) = (written + part, taken + part, count - part)
            guard taken == pieces[takenPieces].count else { continue }
            pieces[takenPieces] = []
            (takenPieces, taken) = (takenPieces + 1, 0)
        }
        if isEmpty { self = BytePieces() }
        return written
    }

    /// Takes all.
    mutating func takeAll() -> [UInt8] {
        let size = count
        return [UInt8](unsafeUninitializedCapacity: size) { room, initialized in
            initialized = take(into: UnsafeMutableRawBufferPointer(room))
        }
    }
}
