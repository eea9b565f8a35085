// What messages pass through between memory and the wire, where the two forms differ. In memory, messages and commands
// are frames of ZMTP 3.x. Peers that expect these have no transform, and nothing is done for it.

/// Converts messages to the form in which a peer expects them.
package protocol SealingTransform: AnyObject {
    /// Whether commands pass through it as well: PING, PONG, SUBSCRIBE and CANCEL.
    ///
    /// Everything that passes through it must be sent in the order in which it was sealed.
    var sealsCommands: Bool { get }

    /// Forgets a message of which only the first pieces have been sealed: the next piece begins a message.
    func restart()

    /// Appends the frames in `piece` to `output`, up to the end of the message with which `output` reaches `limit`
    /// bytes.
    ///
    /// - Parameters:
    ///   - piece: complete frames, except that the last one's body may be the next piece. See `Chunk.pieces`.
    ///   - endOfMessage: called for each message or command whose last byte has been appended, with its end in `output`
    ///     and its size before.
    /// - Returns: Whether the piece has been consumed, and more may follow.
    func seal(
        _ piece: UnsafeRawBufferPointer,
        to output: inout [UInt8],
        limit: Int,
        endOfMessage: (_ end: Int, _ size: Int) -> Void
    ) -> Bool
}

/// Converts messages to the form in which a peer expects them, and back.
package protocol MessageTransform: SealingTransform {
    /// Opens complete frames behind the opened ones, in place, until `limit` messages or commands are complete, or
    /// `OpenedInput.stepsAtOnce` frames have been opened or skipped that complete none.
    ///
    /// - Returns: nil when it has opened or skipped at least one frame. Otherwise, the number of bytes that the next frame needs.
    /// - Throws: The fault of the first frame. A fault behind frames that have been opened is found by the next call.
    func open(_ input: inout Input, _ opened: inout OpenedInput, limit: Int) throws(ProtocolError) -> Int?
}

extension MessageTransform {
    /// Opens frames with `step` until one needs more bytes, is faulty, or `limit` messages are complete.
    @inline(__always)
    func openEach(
        _ input: inout Input,
        _ opened: inout OpenedInput,
        limit: Int,
        _ step: (inout Input, inout OpenedInput) throws(ProtocolError) -> OpenedInput.Step
    ) throws(ProtocolError) -> Int? {
        if let fault = opened.fault { throw fault }
        (opened.portion, opened.steps) = (0, 0)
        var isFirst = true
        while opened.portion < limit, opened.steps < OpenedInput.stepsAtOnce {
            do {
                switch try step(&input, &opened) {
                case .needs(let size): return isFirst ? size : nil
                case .waits: return nil
                case .skipped:
                    opened.steps += 1
                    continue
                case .opened(let hasMore): if hasMore { opened.steps += 1 } else { opened.portion += 1 }
                }
            } catch {
                guard isFirst else {
                    opened.fault = error
                    return nil
                }
                throw error
            }
            isFirst = false
        }
        return nil
    }
}
