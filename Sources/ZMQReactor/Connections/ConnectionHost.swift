import EventReactor
import ZMTP

/// What uses connections, connectors and listeners: a socket, or the session of one endpoint on an I/O thread. It is
/// all that they may know of it.
protocol ConnectionHost: AnyObject {
    var reactor: Reactor { get }

    var profile: SocketProfile { get }

    /// What its pipes share.
    var budgets: PipeBudgets { get }

    /// Where every counter, drop and event begins.
    var observer: SocketObserver { get }

    /// Whether the application has not closed the socket.
    var isOpen: Bool { get }

    /// Why a peer is not welcome; nil when it is.
    ///
    /// - Parameters:
    ///   - peer: nil before the handshake, about whichever it is.
    ///   - pipe: what the peer is going to be served by; nil for a new one.
    func rejection(of peer: Peer?, for pipe: Pipe?) -> EventReason?

    /// Makes a pipe, whose sink is the host, or what the host has for that. What uses the pipe adds it to the sink when
    /// it knows of it itself.
    func makePipe(at endpoint: Endpoint, _ options: EndpointOptions, isPersistent: Bool) -> Pipe

    /// Decides on a peer before its handshake is complete: what it has queued stays with it when it is rejected.
    ///
    /// - Parameter pipe: as above. A new one is still to be added to its sink.
    func admit(_ peer: Peer, to pipe: Pipe?, at endpoint: Endpoint, _ options: EndpointOptions) -> Admission

    /// A listener has lost a connection, or a connector has ended.
    func endpointChanged()
}

/// What a host decides on a peer.
enum Admission {
    /// The pipe serves the peer.
    case pipe(Pipe)
    /// The pipe is going to serve the peer, if the socket on the other thread accepts it: until then the handshake
    /// waits.
    case pending(Pipe)
    /// The peer is not welcome.
    case reject(EventReason)
}
