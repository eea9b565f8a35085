import EventReactor
import Glibc
import ZMTP

extension StreamConnection {
    /// Writes what is queued, until there is nothing left, the operating system takes no more, or the turn's budget is
    /// spent.
    func flush() {
        flags.remove(.wantsToFlush)
        flush(pipe)
    }

    /// The pipe is an argument so that it is counted once for all that is done with it.
    @inline(never)
    private func flush(_ pipe: Pipe?) {
        pipe?.linkFlushes()
        var budget = Self.turnBudget
        while state != .closed, !flags.contains(.waitsForWritability), hasOutput(pipe) {
            guard budget > 0 else { return scheduleFlush() }
            // Without a pipe there is nothing but control.
            let write = isControlNext(pipe) ? writeControl() : writeMessages(of: pipe!, atMost: budget)
            guard write.sent >= 0 else {
                if errno == EINTR { continue }
                guard errno == EAGAIN else { return writingFailed(errno) }
                return waitForRoom()
            }
            budget -= write.sent
            sent(write.sent)
            // What has just left does not count as progress of what waits.
            if write.sent < write.offered { waitForRoom() }
        }
        if state == .draining, !flags.contains(.waitsForWritability) { hasDrained() }
    }

    private func hasOutput(_ pipe: Pipe?) -> Bool { !control.isEmpty || !(pipe?.outbound.isEmpty ?? true) }

    /// What the engine has to say goes ahead of the messages, but not into the middle of one.
    private func isControlNext(_ pipe: Pipe?) -> Bool { !control.isEmpty && (pipe?.outbound.isAtBoundary ?? true) }

    private func waitForRoom() {
        flags.insert(.waitsForWritability)
        limitWaitForRoom()
        stream.startWatching(for: .writable)
    }

    /// The operating system takes no more: that may last as long as the options say.
    private func limitWaitForRoom() {
        if writeTimeout == nil { writeTimeout = WriteTimeout(of: self, endpoint.options.writeTimeout) }
        writeTimeout?.begin()
    }

    /// Seals what the protocol has to say, in the order in which it is sent, where the peer expects that.
    private func sealControl(with transform: any SealingTransform) {
        guard transform.sealsCommands, controlSealed < control.count else { return }
        var sealed = Array(control[..<controlSealed])
        transform.restart()
        control.withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[controlSealed...])
            _ = transform.seal(rest, to: &sealed, limit: .max) { _, _ in }
        }
        (control, controlSealed) = (sealed, sealed.count)
    }

    private func writeControl() -> (sent: Int, offered: Int) {
        if let translated { sealControl(with: translated.transform) }
        let (sent, offered) = control.withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[controlSent...])
            return (stream.write(rest), rest.count)
        }
        if sent == offered {
            // It may hold a password.
            if state == .handshaking { control.wipe() }
            control = []
            (controlSent, controlSealed) = (0, 0)
            heartbeat?.controlLeft(behind: bytesSent)
            pipe?.toldAll()
            // Reading may have stopped because too much of this had piled up.
            if !stream.interest.contains(.readable) { resumeReceiving() }
        } else if sent > 0 {
            controlSent += sent
            // What has left goes when it is half of what is here: at most one byte is moved for each that leaves.
            if controlSent > control.count / 2 {
                control.removeFirst(controlSent)
                controlSealed = max(0, controlSealed - controlSent)
                controlSent = 0
            }
        }
        return (sent, offered)
    }

    private func writeMessages(of pipe: Pipe, atMost limit: Int) -> (sent: Int, offered: Int) {
        guard translated == nil else { return writeTranslated(of: pipe, atMost: limit) }
        if control.isEmpty, let piece = pipe.outbound.onlyPiece, piece.count <= limit {
            let sent = stream.write(piece)
            if sent > 0 { pipe.release(sent) }
            return (sent, piece.count)
        }
        let list = buffers.gather
        list.removeAll()
        var left = control.isEmpty ? limit : min(limit, pipe.outbound.restOfMessage)
        pipe.outbound.forEachPiece { piece in
            let part = piece.count <= left ? piece : UnsafeRawBufferPointer(rebasing: piece[..<left])
            left -= part.count
            return list.append(part) && left > 0
        }
        let (sent, offered) = (stream.write(list), list.byteCount)
        if sent > 0 { pipe.release(sent) }
        return (sent, offered)
    }

    /// Writes messages in the form that the peer takes.
    private func writeTranslated(of pipe: Pipe, atMost limit: Int) -> (sent: Int, offered: Int) {
        let write = translated!.write(pipe.outbound, to: stream, atMost: limit)
        if write.released > 0 { pipe.release(write.released) }
        return (write.sent, write.offered)
    }
}
