import EventReactor
import ZMTP

/// What a pattern may know of its socket.
protocol PatternHost: AnyObject {
    var reactor: Reactor { get }
    var state: SocketState { get }

    /// The peers, indexed by their number.
    var pipes: [Pipe?] { get }

    /// Gives a pipe another number, and returns the old one, which is not reused until `free(slot:)`.
    func renumber(_ pipe: Pipe) -> Int
    func free(slot: Int)

    /// The error of calls when the socket is not open.
    func closedError() -> ZMQError

    /// Counts dropped messages.
    func drop(_ count: Int, _ reason: DropReason)

    /// As `drop`, and calls the handler for each.
    func notifyDropped(_ count: Int, _ reason: DropReason)

    /// Counts sends that have been refused, or that were not the application's.
    func countRefusals(_ count: Int)

    /// The socket can send again after a send that would have blocked: to any peer, or to that of the pipe.
    func notifyWritable(for pipe: Pipe?)

    /// The socket has begun or ceased to reject further peers.
    func refusalChanged()

    /// Delivers messages to the application, or queues them.
    func hand(_ batch: consuming MessageBatch, from pipe: Pipe)

    /// Queued messages may have a recipient again.
    func scheduleDrain()

    /// Resumes pending receives: a message has arrived, or none will.
    func notifyReceivers()
}

enum SocketState { case open, closing, closed }

extension PatternHost {
    /// Throws when the socket is not open.
    @inline(__always)
    func requireOpen() throws(ZMQError) {
        guard state == .open else { throw closedError() }
    }

    /// Sends the batch's messages one by one until the socket would block. A message that cannot be sent is dropped and
    /// counted.
    func forwardEach(
        _ batch: inout MessageBatch,
        behind prefix: [UInt8],
        _ send: (Message) throws(ZMQError) -> SendResult
    ) {
        while state == .open {
            let rest = batch
            guard var message = batch.next() else { return }
            if !prefix.isEmpty { message = prefix.withUnsafeBytes { Message(prefix: $0, frames: 1, message) } }
            do {
                guard try send(message) == .wouldBlock else { continue }
                countRefusals(-1)
                batch = rest
                return
            } catch {
                if state == .open { drop(1, error.code == .hostUnreachable ? .noSuchPeer : .malformed) }
            }
        }
    }
}
