import EventReactor
import Glibc
import ZMTP

extension StreamConnection {
    /// Answers that wait to leave may take this many bytes before we stop reading what they answer.
    private static let controlLimit = 64 * 1024

    /// Reads once and handles what has come.
    func read() {
        // What comes now is of no interest, and what waited for room neither: only the end is.
        if isClosing { input.removeAll(pool: socket.loop.chunks) }
        let room = input.prepareToRead(from: socket.loop.chunks)
        let count = Glibc.read(descriptor, room.baseAddress, room.count)
        if count > 0 {
            heard(count)
            if isClosing { return }
            input.didRead(count)
            handleInput()
        } else if count == 0 {
            end(.peerClosed)
        } else if errno != EAGAIN && errno != EINTR {
            end(.system(errno))
        } else {
            input.settle(wanted: 0, pool: socket.loop.chunks)
        }
    }

    /// Goes on with what had been read when there was no room for it.
    func continueReading() {
        guard !isClosing else { return }
        watcher?.interest.insert(.readable)
        heartbeat?.resume()
        handleInput()
    }

    /// Takes everything that is whole from the input and hands it on.
    private func handleInput() {
        while var window = input.window, !isEnded {
            guard control.count < Self.controlLimit else { return holdBack() }
            let limit = pipe?.inboundRoom ?? 1
            guard limit > 0 else { return holdBack() }
            let event: Event
            do {
                event = try engine.next(&window, limit: limit)
            } catch {
                return fail(error)
            }
            input.start = window.start
            input.end = window.end
            if !engine.output.isEmpty { takeEngineOutput() }
            switch event {
            case .messages(let start, let end, let count):
                // The run is the only reference that is handed out: the pool takes back no chunk that somebody holds.
                if let pipe, let chunk = input.chunk {
                    pipe.receive(Run(chunk: chunk, start: start, end: end, count: count))
                }
            case .handshakeCompleted(let peer):
                shakenHands(with: peer)
            case .pong:
                heartbeat?.pong()
            case .needsInput(let minimum):
                noteTimeToLive()
                return input.settle(wanted: minimum, pool: socket.loop.chunks)
            }
        }
    }

    /// Stops reading until there is room for more; what has been read stays where it is.
    private func holdBack() {
        watcher?.interest.remove(.readable)
        heartbeat?.suspend()
    }

    func takeEngineOutput() {
        if control.isEmpty { control = engine.takeOutput() } else { control += engine.takeOutput() }
        scheduleFlush()
    }

    /// The peer has broken the protocol. It is told why where the protocol has words for that (N-5, G-6).
    private func fail(_ error: ProtocolError) {
        if !engine.output.isEmpty {
            takeEngineOutput()
            isWaitingForRoom = false
            flush()
        }
        end(EventReason(error.isRefusalByPeer ? .refusedByPeer : .protocolError, error.message))
    }
}
