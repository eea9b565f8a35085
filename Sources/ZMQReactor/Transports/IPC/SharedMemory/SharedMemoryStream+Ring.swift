import EventReactor
import Glibc

extension SharedMemoryStream {
    /// Everything goes through the memory from now on.
    func useRings() {
        guard let memory else { return useSocket() }
        phase = .ring
        negotiation.end()
        let ends = memory.ends(isConnecting: isConnecting)
        (reader, writer) = (ends.reader, ends.writer)
        ringInterestChanged()
    }

    func forgetRings() {
        (reader, writer) = (nil, nil)
        guard memory != nil else { return }
        memory = nil
        let poller = RingPoller.on(reactor)
        poller.ringCount -= 1
        if isAwake { poller.forget(self) }
    }

    // MARK: Reading and writing

    func readRing(into room: UnsafeMutableRawBufferPointer) -> Int {
        guard let count = reader!.read(into: room) else { return lied() }
        guard count > 0 else { return isAtEnd ? 0 : Self.failing(EAGAIN) }
        moved += count
        if reader!.takeSleepOfWriter() { wakePeer() }
        return count
    }

    func writeRing(_ bytes: UnsafeRawBufferPointer, moreFollows: Bool) -> Int {
        guard !isAtEnd else { return Self.failing(EPIPE) }
        var total = 0
        var isFull = false
        repeat {
            let part = UnsafeRawBufferPointer(rebasing: bytes[total..<min(total + Self.worthWaking, bytes.count)])
            guard let count = writer!.write(part) else { return lied() }
            total += count
            unannounced += count
            isFull = count < part.count
            let isLast = total == bytes.count && !moreFollows
            if isFull || isLast || unannounced >= Self.worthWaking { announce() }
        } while total < bytes.count && !isFull
        moved += total
        return total > 0 || bytes.isEmpty ? total : Self.failing(EAGAIN)
    }

    /// Bytes for which a peer is woken although more follow: it takes longer to wake than these take to write. For
    /// fewer, which may be a header, it would have nothing to do.
    private static let worthWaking = 64 * 1024

    /// Wakes the peer if it sleeps.
    private func announce() {
        unannounced = 0
        if writer!.takeSleepOfReader() { wakePeer() }
    }

    /// The peer has written what no peer of ours writes.
    private func lied() -> Int {
        failure = EPROTO
        return Self.failing(failure)
    }

    /// Without waiting: a socket that is full wakes the peer already.
    private func wakePeer() {
        var byte: UInt8 = 0
        while Glibc.send(descriptor, &byte, 1, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)) < 0 {
            switch errno {
            case EINTR: continue
            // Of an end of the connection the watch says more.
            case EAGAIN, EPIPE, ECONNRESET: return
            default:
                // A peer that is not woken would wait for ever.
                failure = errno
                return stayAwake()
            }
        }
    }

    // MARK: Readiness

    /// What is ready of what the connection waits for.
    var readyNow: Readiness {
        guard let reader, let writer else { return [] }
        let isOver = isAtEnd || failure != 0
        var ready: Readiness = []
        if wanted.contains(.readable), isOver || reader.hasBytes { ready.insert(.readable) }
        if wanted.contains(.writable), isOver || writer.hasRoom { ready.insert(.writable) }
        return ready
    }

    /// Lets the connection do what it waits for. Returns whether there was anything.
    func serve() -> Bool {
        let ready = readyNow
        guard !ready.isEmpty, let handler else { return false }
        handler.streamIsReady(for: ready)
        return true
    }

    /// The connection waits for something else than before.
    func ringInterestChanged() {
        // The end is reported once: it stays.
        watcher?.interest = wanted.isEmpty || isAtEnd ? [] : .readable
        if !wanted.isEmpty { stayAwake() }
    }

    /// Has the poller look in each turn.
    func stayAwake() {
        guard !isAwake else { return }
        isAwake = true
        RingPoller.on(reactor).add(self)
    }

    /// Says to the peer that it has to wake this side. Returns false when something is ready after all.
    func fallAsleep() -> Bool {
        guard let reader, let writer else { return true }
        if wanted.contains(.readable) { reader.beginSleep() }
        if wanted.contains(.writable) { writer.beginSleep() }
        guard readyNow.isEmpty else {
            endSleep()
            return false
        }
        isAwake = false
        return true
    }

    private func endSleep() {
        reader?.endSleep()
        writer?.endSleep()
    }

    /// The peer has sent a byte, or is gone.
    func wasWoken() {
        var bytes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        let count = withUnsafeMutableBytes(of: &bytes) {
            Glibc.recv(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT))
        }
        if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR {
            isAtEnd = true
            watcher?.interest = []
        }
        endSleep()
        stayAwake()
        _ = serve()
    }
}
