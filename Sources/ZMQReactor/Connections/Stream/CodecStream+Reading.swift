import Glibc

extension CodecStream {
    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = readOnce(into: room)
        let error = errno
        if hasInput { schedule() }
        errno = error
        return count
    }

    private func readOnce(into room: UnsafeMutableRawBufferPointer) -> Int {
        if codec.hasKept { return arrived(0, codec.takeKept(into: room)) }
        guard !hasInput else { return endOfReading }
        guard case .open = phase else { return Self.failing(EAGAIN) }
        guard let offset = codec.offset(in: room.count) else { return readLittle(into: room) }
        let raw = UnsafeMutableRawBufferPointer(rebasing: room[offset...])
        let count = inner.read(into: raw)
        guard count > 0 else { return count }
        return arrived(count, codec.decode(UnsafeRawBufferPointer(rebasing: raw[..<count]), into: room))
    }

    /// Reads what is decoded elsewhere, because there is hardly any room.
    private func readLittle(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) { raw in
            let count = inner.read(into: raw)
            if count > 0 { codec.keep(UnsafeRawBufferPointer(rebasing: raw[..<count])) }
            return count
        }
        return count > 0 ? arrived(count, codec.takeKept(into: room)) : count
    }

    /// So many bytes have arrived, of which so many are decoded and in the room.
    private func arrived(_ count: Int, _ decoded: Int) -> Int {
        noteArrival(unread: max(count - decoded, 0))
        if decoded > 0 { return decoded }
        guard codec.hasKept || !hasInput else { return endOfReading }
        return Self.failing(EAGAIN)
    }

    /// - Parameter unread: how many bytes have arrived that the connection does not read now.
    func noteArrival(unread: Int) {
        if codec.isOver, ownFault == nil { ownFault = codec.reasonOfEnd }
        sayControl()
        let isAnswer = codec.takePong()
        if isAnswer || unread > 0 { handler?.streamTook(unread, isAnswer: isAnswer) }
    }

    /// Whether a read has something to say without asking the other stream.
    var hasInput: Bool {
        if case .closed = phase { return false }
        return codec.hasKept || codec.isOver || ownFault != nil || endOfInput != nil
    }

    /// The result of a read when nothing follows.
    private var endOfReading: Int {
        if ownFault != nil { return Self.failing(EPROTO) }
        if let endOfInput, endOfInput != 0 { return Self.failing(endOfInput) }
        return 0
    }
}
