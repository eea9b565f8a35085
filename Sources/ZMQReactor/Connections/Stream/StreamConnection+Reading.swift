import EventReactor
import Glibc
import ZMTP

extension StreamConnection {
    /// Answers that wait to leave may take this many bytes before reading stops of what they answer.
    private static let controlLimit = 64 * 1024

    /// Reads once and handles what has come. The pipe is an argument so that it is counted once for all that is done
    /// with it.
    @inline(never)
    func read(for pipe: Pipe?) {
        if state != .open {
            // What comes now is of no interest, and what waited for room neither: only the end is.
            if state == .draining { input.removeAll() }
            guard state != .handshaking || mayStep() else { return }
        }
        readOnce(for: pipe)
    }

    /// Reads where the last read was large: behind what is small, in the order of those that read much.
    @inline(never)
    func readMuch() {
        let waits = reactor.largeWorkWaits
        guard waits || reactor.turnIsLoaded else { return measuredRead() }
        flags.insert(.readsLater)
        guard !flags.contains(.hasRest) else { return }
        flags.insert(.hasRest)
        if waits { reactor.laterInTurn(self) } else { reactor.inNextTurn(self) }
    }

    /// Reads less the next time when this takes long, as a message of very many frames does.
    private func measuredRead() {
        let start = reactor.workTime
        read(for: pipe)
        let time = reactor.workTime - start
        if time > WorkBudget.time {
            readLimit = max(lastRead / 2, Reactor.largePiece)
        } else if lastRead > readLimit / 8 * 7, time < WorkBudget.time / 4 {
            readLimit = min(readLimit * 2, InputBuffer.largestRead)
        }
    }

    @inline(__always)
    func readOnce(for pipe: Pipe?) {
        guard let room = input.prepareToRead(atMost: readLimit) else {
            return end(.noMemory(for: "what the peer sends"))
        }
        beginRead()
        let count = stream.read(into: room)
        if count > 0 {
            heard(count)
            if state == .draining { return }
            input.didRead(count)
            handleInput(for: pipe)
        } else if count == 0 || errno != EAGAIN && errno != EINTR {
            if endOfInput == nil { endOfInput = count == 0 ? 0 : errno }
            input.didNotRead()
            if reactor.grantChurn() { inputEnded() } else { endLater() }
        } else {
            input.didNotRead()
            if stream.heldBytes > 0 { limitHeldBytes(for: pipe) }
        }
    }

    /// Reads when a turn has time for what begins or ends.
    func readWhenChurnHasTime() {
        flags.insert(.readsLater)
        guard !flags.contains(.hasRest) else { return }
        flags.insert(.hasRest)
        reactor.whenChurnHasTime(self)
    }

    /// The stream has nothing more to read, or has failed.
    private func inputEnded() {
        if let endOfInput, endOfInput != 0 {
            end(failure ?? stream.fault ?? .system(endOfInput))
        } else {
            peerHalfClosed()
        }
    }

    /// Ends when a turn has time for that. To a peer that is gone nothing is written meanwhile: it does not receive that,
    /// and the error of the write would take the place of the reason.
    private func endLater() {
        if endOfInput == 0, wire.outlastsHalfClose {
            stream.stopWatching(for: .readable)
        } else {
            stream.interest = []
            flags.insert(.waitsForWritability)
            writeTimeout?.cancel()
            heartbeat?.cancel()
            heartbeat = nil
            pipe?.linkCannotSend()
        }
        readWhenChurnHasTime()
    }

    /// The stream keeps a part of a message, which counts as if it were in the input.
    private func limitHeldBytes(for pipe: Pipe?) {
        guard let pipe else {
            let limit = endpoint.options.limits.handshakeBytes
            return stream.heldBytes > limit ? fail(.handshakeTooLarge(limit: limit)) : ()
        }
        if pipe.inboundCapacity(for: input.byteCount + stream.heldBytes) <= 0 { return _ = readsPastMarks(of: pipe) }
        if pipe.isOverBudget { _ = stops(forBudgetOf: pipe) }
    }

    /// Goes on with what had been read when there was no room for it.
    func continueReading() {
        guard state != .draining, endOfInput == nil else { return }
        if state == .handshaking, let peer = wire.peerWithoutHandshake {
            handshakeCompleted(with: peer)
            guard state == .open else { return }
        }
        stream.startWatching(for: .readable)
        heartbeat?.resume()
        handleInput(for: pipe)
    }

    /// Takes what is whole from the input and hands it on, up to what one peer may have done in a turn.
    ///
    /// - Parameter isRest: whether it was left in an earlier turn.
    private func handleInput(for pipe: Pipe?, isRest: Bool = false) {
        var budget = WorkBudget(size: portionSize, sharedBy: reactor.restCount)
        defer { if budget.isMeasuring { endMeasuring(&budget) } }
        var commands = 0
        while state != .closed {
            guard control.count < Self.controlLimit else { return holdBack() }
            var room = pipe?.inboundCapacity(for: input.byteCount) ?? 1
            if room <= 0 {
                guard let pipe, readsPastMarks(of: pipe) else { return }
                room = .max
            }
            guard !input.isEmpty || state == .handshaking && wire.isDecided else { return settle() }
            guard budget.portion > 0 || goesOn(&budget, isRest: isRest) else { return leaveInput() }
            let event: Event
            do {
                event = try wire.next(&input.window, limit: min(room, budget.portion))
            } catch {
                return fail(error)
            }
            if wire.hasOutput { takeOutput() }
            switch consume event {
            case .messages(let start, let end, let count):
                budget.portion &-= count
                // What has come lies in a chunk. The batch is the only reference to it that is handed out: the pool
                // takes back none that something holds.
                pipe?.receive(MessageBatch(chunk: input.chunk!, start: start, end: end, count: count))
            case .subscription(let subscription, let start, let end):
                budget.portion -= 1
                guard let chunk = input.chunk else { continue }
                var batch = MessageBatch(chunk: chunk, start: start, end: end, count: 1)
                if let message = batch.next() { pipe?.receive(PeerCommand(subscription, as: message)) }
            case .bytes(let start, let end):
                budget.portion -= 1
                if let pipe { receive(from: start, to: end, for: pipe) }
            case .handshakeCompleted(let peer):
                handshakeCompleted(with: peer)
                guard !flags.contains(.awaitsAcceptance) else { return holdBack() }
                return handleInput(for: self.pipe)
            case .undecided:
                guard authenticate() else { return holdBack() }
            case .commands(let count):
                budget.portion -= count
                commands += count
                if hasEnough(commands) { return leaveInput() }
            case .part(let work): budget.portion -= work
            case .pong:
                budget.portion -= 1
                commands += 1
                heartbeat?.pong()
                if hasEnough(commands) { return leaveInput() }
            case .needsInput(let minimum):
                if let pipe, pipe.isOverBudget, stops(forBudgetOf: pipe) { return }
                return settle(wanted: minimum)
            }
        }
    }

    private func goesOn(_ budget: inout WorkBudget, isRest: Bool) -> Bool {
        isRest ? budget.renew(at: reactor.workTime) : reactor.grantPortion(of: &budget)
    }

    /// Whether so many commands are enough for a turn, and there is more.
    @inline(never)
    private func hasEnough(_ commands: Int) -> Bool {
        guard commands >= endpoint.options.limits.commandsPerTurn, !input.isEmpty else { return false }
        observer.record(.limit(.commandsPerTurn))
        if !flags.contains(.wasLimited) {
            flags.insert(.wasLimited)
            owner?.connection(self, reached: .commandsPerTurn)
        }
        return state != .closed
    }

    private func endMeasuring(_ budget: inout WorkBudget) {
        budget.end(at: reactor.workTime)
        portionSize = budget.size
    }

    /// Makes a message of raw bytes. Few are copied, so that the chunk can be read into again.
    private func receive(from start: Int, to end: Int, for pipe: Pipe) {
        guard let chunk = input.chunk else { return }
        let bytes = Frame(Chunk.Slice(chunk: chunk, start: start, end: end))
        pipe.receive(MessageBatch(Message(frames: CollectionOfOne(bytes))))
    }

    /// Goes on in the next turn, so that others have theirs.
    func goOnInNextTurn() {
        guard !flags.contains(.hasRest) else { return }
        flags.insert(.hasRest)
        reactor.inNextTurn(self)
    }

    private func leaveInput() {
        flags.insert(.hasInputLeft)
        goOnInNextTurn()
    }

    /// Nothing more can be done with what has been read.
    private func settle(wanted: Int = 0) {
        noteTimeToLive()
        guard input.settle(wanted: wanted, hasMovedBytes: wire.hasMovedBytes) else {
            return end(.noMemory(for: "what the peer sends"))
        }
        // Each part of a frame is a sign of life, where one is awaited.
        let mark = lowWater.change(forRest: heartbeat == nil ? wanted - input.byteCount : 0)
        // A system that refuses wakes the connection more often, and nothing else.
        if let mark { stream.setLowWater(mark) }
    }

    /// Does what was left in an earlier turn.
    func takeRest() {
        flags.remove(.hasRest)
        if flags.contains(.readsLater), endOfInput != nil, state != .closed {
            flags.remove(.readsLater)
            inputEnded()
        }
        if flags.contains(.wantsToFlush), state != .closed { flushAfterWaiting() }
        let (hasInput, reads) = (flags.contains(.hasInputLeft), flags.contains(.readsLater))
        flags.remove([.hasInputLeft, .readsLater])
        if reads, awaitsStep { stream.startWatching(for: .readable) }
        // Reading may have stopped, and then goes on with what is here.
        guard state != .closed, stream.interest.contains(.readable) else { return }
        guard hasInput else { return reads ? measuredRead() : () }
        guard state != .draining else { return input.removeAll() }
        // The peer may have said more, which is not read meanwhile.
        heartbeat?.heard(peerTimeToLive: wire.peerTimeToLive)
        handleInput(for: pipe, isRest: true)
    }

    /// Whether the handshake goes on with what the peer says.
    private var awaitsStep: Bool {
        state == .handshaking && endOfInput == nil && authentication == nil && !flags.contains(.awaitsAcceptance)
    }

    /// Stops reading until there is room for more; what has been read stays where it is.
    private func holdBack() {
        stream.stopWatching(for: .readable)
        heartbeat?.suspend()
        // However long that takes, no buffer waits for nothing.
        if input.isEmpty { _ = input.settle(wanted: 0) }
    }

    /// There is no room for more. Returns whether what has arrived is read nevertheless; if not, reading has stopped,
    /// or the connection has ended.
    @inline(never)
    private func readsPastMarks(of pipe: Pipe) -> Bool {
        guard flags.contains(.isHeldBackForTooLong), let failure else {
            if writeError != 0 { limitHoldBack(of: pipe) }
            holdBack()
            return false
        }
        if pipe.heldBack == .byMarks { return true }
        end(failure)
        return false
    }

    /// Bytes have arrived that are no whole message, and a budget was used up. Returns whether reading is over, for now
    /// or for good.
    private func stops(forBudgetOf pipe: Pipe) -> Bool {
        switch pipe.outlookForPart() {
        case .goesOn: return false
        case .waits: holdBack()
        case .inVain: end(.unfinishedBytes(input.byteCount + stream.heldBytes))
        }
        return true
    }

    func takeOutput() {
        guard writeError == 0 else { return _ = wire.takeOutput() }
        if control.isEmpty {
            control = wire.takeOutput()
        } else {
            var output = wire.takeOutput()
            control += output
            if state == .handshaking { output.wipe() }
        }
        scheduleFlush()
    }

    /// The peer has violated the protocol. It is sent the reason where the protocol has a form for it (N-5, G-6).
    private func fail(_ error: ProtocolError) {
        if wire.hasOutput, writeError == 0 {
            takeOutput()
            flags.remove(.waitsForWritability)
            flush()
        }
        end(EventReason(error))
    }
}
