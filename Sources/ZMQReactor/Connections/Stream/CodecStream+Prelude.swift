import EventReactor
import Glibc
import ZMTP

extension CodecStream: CostlyHandshake {
    /// Whether a step of the prelude may be taken in this turn.
    func mayStep() -> Bool {
        guard codec.isCostly else {
            if reactor.grantChurn() { return true }
            waitsForChurn = true
            updateInner()
            reactor.whenChurnHasTime(self)
            return false
        }
        guard !CostlyHandshakes.on(reactor).mayStep(self) else { return true }
        waitsForTurn = true
        updateInner()
        return false
    }

    func handshakeGoesOn() {
        waitsForTurn = false
        guard case .prelude = phase else { return }
        updateInner()
        continuePrelude()
    }
}

extension CodecStream {
    /// What one read of the prelude takes at most.
    private static let portion = 4096

    func beginPrelude() { perform(codec.start()) }

    /// Something has arrived, or the end.
    func continuePrelude() {
        let count = withUnsafeTemporaryAllocation(byteCount: Self.portion, alignment: 8) { room in
            let count = inner.read(into: room)
            if count > 0 { held += UnsafeRawBufferPointer(rebasing: room[..<count]) }
            return count
        }
        if count > 0 {
            guard case .prelude(let wanted) = phase else { return }
            perform(.read(wanted))
        } else if count == 0 {
            inputEnded(0)
        } else if errno != EAGAIN, errno != EINTR {
            inputEnded(errno)
        }
    }

    private func perform(_ first: PreludeStep) {
        var step = first
        while true {
            switch step {
            case .read(let wanted):
                guard held.count - heldStart >= wanted else {
                    phase = .prelude(wants: wanted)
                    held.removeFirst(heldStart)
                    heldStart = 0
                    drain()
                    return
                }
                let count = codec.portion(of: held[heldStart...], wanted: wanted)
                let bytes = Array(held[heldStart..<heldStart + count])
                heldStart += count
                step = codec.receive(bytes)
            case .send(let bytes, let wanted):
                queue(bytes)
                step = .read(wanted)
            case .done: return preludeIsDone()
            case .failed(let reason):
                drain()
                return fail(EventReason(.protocolError, reason))
            }
        }
    }

    private func preludeIsDone() {
        phase = .open
        codec.begin()
        let rest = held[heldStart...]
        if !rest.isEmpty { rest.withUnsafeBytes { codec.keep($0) } }
        (held, heldStart) = ([], 0)
        noteArrival(unread: rest.count)
        drain()
        if !news.isEmpty { schedule() }
    }
}
