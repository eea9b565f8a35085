import Glibc
import ZMTP

extension CodecStream {
    func write(_ bytes: UnsafeRawBufferPointer) -> Int { write(bytes, moreFollows: false) }

    func write(_ bytes: UnsafeRawBufferPointer, moreFollows: Bool) -> Int {
        if writeError != 0 { return Self.failing(writeError) }
        guard case .open = phase else { return Self.failing(EAGAIN) }
        // The peer has closed: the next read says so, where there is one.
        guard codec.takesFrames else { return Self.failing(interest.contains(.readable) ? EAGAIN : EPIPE) }
        var rest = bytes
        while !rest.isEmpty {
            guard makeRoom() else { break }
            let room = UnsafeMutableRawBufferPointer(start: chunk!.base + filled, count: chunk!.capacity - filled)
            let (consumed, produced) = codec.encode(rest, into: room)
            filled += produced
            rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
            // There may be something to say behind this frame.
            if !rest.isEmpty, !drain() { break }
        }
        if !moreFollows || !rest.isEmpty {
            sayControl()
            drain()
        }
        let count = bytes.count - rest.count
        guard count == 0, !bytes.isEmpty else { return count }
        return Self.failing(writeError != 0 ? writeError : EAGAIN)
    }

    /// Makes sure that there is room in the chunk for a frame's header, and that nothing waits for it.
    private func makeRoom() -> Bool {
        if waiting.isEmpty { queue(codec.takeControl()) }
        if let chunk, chunk.capacity - filled < 1024, !drain() { return false }
        if chunk == nil { chunk = pool.take() }
        return waiting.isEmpty
    }

    /// Has bytes leave behind those that have been encoded.
    func queue(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, writeError == 0 else { return }
        waiting += bytes
        fillFromWaiting()
    }

    private func fillFromWaiting() {
        guard !waiting.isEmpty else { return }
        if chunk == nil { chunk = pool.take() }
        let count = min(waiting.count, chunk!.capacity - filled)
        waiting.withUnsafeBytes { bytes in
            guard count > 0 else { return }
            (chunk!.base + filled).copyMemory(from: bytes.baseAddress!, byteCount: count)
        }
        filled += count
        waiting.removeFirst(count)
    }

    /// Sends what the codec has to say, if it can stand here. What does not leave now stays with the codec, where the
    /// answers to a peer that does not read take no more memory the more there are.
    func sayControl() {
        guard waiting.isEmpty else { return }
        let control = codec.takeControl()
        guard !control.isEmpty else { return }
        queue(control)
        drain()
    }

    /// Writes what has been encoded; returns whether all of it has left.
    @discardableResult
    func drain() -> Bool {
        while writeError == 0, let chunk {
            let count = inner.write(UnsafeRawBufferPointer(start: chunk.base + left, count: filled - left))
            if count < 0 {
                if errno == EINTR { continue }
                if errno != EAGAIN { failWriting(errno) }
                break
            }
            left += count
            guard left == filled else { break }
            (left, filled) = (0, 0)
            guard !waiting.isEmpty else {
                giveBack()
                break
            }
            fillFromWaiting()
        }
        updateInner()
        guard !hasOutput else { return false }
        if endsWriting {
            endsWriting = false
            inner.shutdown(Int(SHUT_WR))
        }
        return writeError == 0
    }

    var hasOutput: Bool { chunk != nil || !waiting.isEmpty }

    private func giveBack() {
        if let chunk = chunk.take() { pool.give(chunk) }
    }

    private func failWriting(_ number: CInt) {
        writeError = number
        dropOutput()
        if interest.contains(.writable) { schedule() }
    }

    func dropOutput() {
        (waiting, left, filled) = ([], 0, 0)
        giveBack()
    }
}
