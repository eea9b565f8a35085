//   MC-5  A receiver joins a sender's stream at the first offset that is not FF FF, and skips what stands in front.
//   MC-6  A datagram that is too short, an offset that is beyond its end or not where a message begins, and a frame
//         that is malformed or exceeds a limit make the receiver leave the stream; so does a lost datagram. It joins
//         again at the next offset.

/// The stream of one sender, as a receiver follows it.
///
/// The bytes of a message that has arrived in part are kept in the form of 1.0. They are scanned once, as they arrive,
/// and take no more memory than has arrived.
package struct MulticastDecoder: ~Copyable {
    /// Whether the beginning of a message has been found since the last loss.
    package private(set) var isJoined = false

    /// What has arrived of the unfinished message.
    private var rest: [UInt8] = []
    /// The part of it that is complete frames, with their number and the sum of their bodies.
    private var scanned = 0
    private var frames = 0
    private var bodies = 0
    /// How many bytes of the message are needed to go on.
    private var needed = 0

    private let maxBodies: Int
    private let maxFrames: Int

    private static let keptCapacity = 16 * 1024

    /// - Parameters:
    ///   - maxMessageSize: the most bytes in the bodies of a message.
    ///   - maxFrames: the most frames of one.
    package init(maxMessageSize: Int, maxFrames: Int) {
        maxBodies = maxMessageSize
        self.maxFrames = MessageScanner.limitOfFrames(maxFrames, maxMessageSize: maxMessageSize)
    }

    /// The bytes kept of an unfinished message.
    package var byteCount: Int { rest.count }

    /// Something is missing: what follows is skipped up to the beginning of a message.
    package mutating func leave() {
        isJoined = false
        forgetMessage()
    }

    private mutating func forgetMessage() {
        rest.removeAll(keepingCapacity: rest.capacity <= Self.keptCapacity)
        beginMessage()
    }

    private mutating func beginMessage() { (scanned, frames, bodies, needed) = (0, 0, 0, 0) }

    /// Takes the data of the sender's next datagram, and appends the messages that are complete.
    ///
    /// - Throws: What is wrong with it. The stream is left then; messages in front of the fault have been appended.
    package mutating func decode(
        _ data: UnsafeRawBufferPointer,
        to output: inout MessageWriter
    ) throws(ProtocolError) {
        do {
            try follow(data, &output)
        } catch {
            leave()
            throw error
        }
    }

    private mutating func follow(
        _ data: UnsafeRawBufferPointer,
        _ output: inout MessageWriter
    ) throws(ProtocolError) {
        guard data.count >= MulticastDatagram.offsetSize, let base = data.baseAddress else {
            throw .datagramTooShort(data.count)
        }
        let offset = base.bigEndian16(at: 0)
        let input = UnsafeRawBufferPointer(rebasing: data[MulticastDatagram.offsetSize...])
        guard offset == MulticastDatagram.noBeginning || Int(offset) <= input.count else {
            throw .offsetBeyondEnd(Int(offset), size: input.count)
        }
        var position = 0
        if !isJoined {
            guard offset != MulticastDatagram.noBeginning else { return }
            position = Int(offset)
            isJoined = true
        } else if !rest.isEmpty {
            position = try complete(input, &output)
            guard rest.isEmpty else { return try check(offset, at: input.count, of: input.count) }
        }
        try check(offset, at: position, of: input.count)
        while position < input.count {
            let message = UnsafeRawBufferPointer(rebasing: input[position...])
            switch try scan(message) {
            case .whole(let size):
                beginMessage()
                try append(UnsafeRawBufferPointer(rebasing: message[..<size]), &output)
                position += size
            case .needs(let size):
                needed = size
                return try keep(message)
            }
        }
    }

    /// The offset must be that of the first message which begins in the datagram.
    private func check(_ offset: UInt16, at beginning: Int, of size: Int) throws(ProtocolError) {
        // None begins where the datagram ends: both forms are found.
        if beginning == size, offset == MulticastDatagram.noBeginning || Int(offset) == size { return }
        guard Int(offset) == beginning else { throw .offsetIsWrong(Int(offset), beginning: beginning) }
    }

    /// Goes on with the unfinished message. Returns how much of the input belongs to it; the message is finished if
    /// nothing is left of it.
    private mutating func complete(
        _ input: UnsafeRawBufferPointer,
        _ output: inout MessageWriter
    ) throws(ProtocolError) -> Int {
        let before = rest.count
        // What stands behind the message, in the same datagram, is kept for as long as this takes: frames are found
        // in one go, however small they are.
        try keep(input)
        guard rest.count >= needed, let size = try scanRest(&output) else { return input.count }
        return size - before
    }

    /// Goes on with the unfinished message, of which more has arrived. Returns its size if it is finished.
    private mutating func scanRest(_ output: inout MessageWriter) throws(ProtocolError) -> Int? {
        // Taken out meanwhile, so that no access to the property lasts.
        let message = rest
        rest = []
        let result = message.withUnsafeBytes { bytes -> Result<Scan, ProtocolError> in
            do throws(ProtocolError) {
                let step = try scan(bytes)
                if case .whole(let size) = step {
                    try append(UnsafeRawBufferPointer(rebasing: bytes[..<size]), &output)
                }
                return .success(step)
            } catch {
                return .failure(error)
            }
        }
        rest = consume message
        switch try result.get() {
        case .needs(let size):
            needed = size
            return nil
        case .whole(let size):
            forgetMessage()
            return size
        }
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) throws(ProtocolError) {
        let size = rest.count + bytes.count
        guard size <= rest.capacity || Memory.isAvailable(2 * size) else { throw .noMemory }
        rest.append(contentsOf: bytes)
    }

    private func append(_ message: UnsafeRawBufferPointer, _ output: inout MessageWriter) throws(ProtocolError) {
        guard output.append(message) else { throw .noMemory }
    }

    private enum Scan {
        /// The message has this size.
        case whole(Int)
        /// The next step needs so many bytes of the message.
        case needs(Int)
    }

    /// Goes on behind the frames that have been scanned.
    private mutating func scan(_ message: UnsafeRawBufferPointer) throws(ProtocolError) -> Scan {
        guard let base = message.baseAddress else { return .needs(Version1Header.shortSize) }
        while true {
            let available = message.count - scanned
            switch try Version1Header.decode(base + scanned, available: available) {
            case .nothing: throw .illegalSize
            case .needs(let size): return .needs(scanned + size)
            case .header(let header):
                guard header.bodySize <= maxBodies - bodies else { throw .messageTooLarge(limit: maxBodies) }
                guard !header.hasMore || frames < maxFrames else {
                    throw MessageScanner.tooManyFrames(maxFrames, maxMessageSize: maxBodies)
                }
                guard header.bodySize <= available - header.size else {
                    return .needs((scanned + header.size).addingSaturated(header.bodySize))
                }
                scanned += header.frameSize
                frames += 1
                bodies += header.bodySize
                if !header.hasMore { return .whole(scanned) }
            }
        }
    }
}
