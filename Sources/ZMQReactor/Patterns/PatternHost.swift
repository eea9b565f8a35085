import EventReactor
import ZMTP

/// What a pattern knows of the socket that it is a part of.
protocol PatternHost: AnyObject {
    var reactor: Reactor { get }
    var state: SocketState { get }

    /// The peers, each at its number.
    var pipes: [Pipe?] { get }

    /// Gives a pipe another number, and returns the one it had, which no pipe gets until `free(slot:)`.
    func renumber(_ pipe: Pipe) -> Int
    func free(slot: Int)

    /// What calls throw when the socket is not open.
    func closedError() -> ZMQError

    /// Counts messages that are dropped.
    func drop(_ count: Int, _ reason: DropReason)

    /// As `drop`, and tells the handler of each.
    func notifyDropped(_ count: Int, _ reason: DropReason)

    /// A send that was refused is worth another try: to any peer, or to that of the pipe.
    func notifyWritable(for pipe: Pipe?)

    /// Whether further peers are welcome has changed.
    func refusalChanged()

    /// Gives messages to the application, or queues them.
    func hand(_ run: consuming Run, from pipe: Pipe)

    /// There may be a recipient again for messages that wait.
    func scheduleDrain()

    /// Pending receives are resumed: a message has arrived, or none will.
    func notifyReceivers()
}

enum SocketState { case open, closing, closed }

extension PatternHost {
    /// Throws when the socket is not open.
    @inline(__always)
    func requireOpen() throws(ZMQError) {
        guard state == .open else { throw closedError() }
    }

    /// Sends the run's messages one by one until the socket would block. One that cannot be sent is dropped and counted.
    func forwardEach(_ run: inout Run, behind prefix: [UInt8], _ send: (Message) throws(ZMQError) -> SendResult) {
        while state == .open {
            let rest = run
            guard var message = run.next() else { return }
            if !prefix.isEmpty { message = prefix.withUnsafeBytes { Message(prefix: $0, frames: 1, message) } }
            do {
                guard try send(message) == .wouldBlock else { continue }
                run = rest
                return
            } catch {
                if state == .open { drop(1, error.code == .hostUnreachable ? .noSuchPeer : .malformed) }
            }
        }
    }
}
