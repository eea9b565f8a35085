import EventReactor
import ZMTP

/// Connects a pipe with a channel pair: one end of an inproc connection, or the owner's end of a session.
///
/// Rules:
/// * Until the other end has accepted this one, what has been handed over still belongs to this one: a refusal returns
///   it, and a connection that closes waits for either.
/// * When the other end has ended, what it has not processed is returned, even if this one closes before it has noticed
///   that. What the end that goes last has not processed is lost with it, and counted.
///
/// The bytes stay where the sender wrote them. What arrives is delivered at the end of the receiver's turn, so that
/// sockets that answer each other on one loop do not call each other ever deeper.
final class ChannelConnection {
    /// What is at the other end.
    enum Kind {
        /// Another socket. A turn's messages are handed over together, and belong to it from then on: closing loses
        /// nothing that was handed over before.
        case socket
        /// The session of one connection. Each message is handed over at once, so that it leaves while this thread is
        /// busy; what the session cannot send is returned.
        case session
        /// The session of an endpoint that was connected to, whatever its connection is at the time: what it has been
        /// handed, it keeps for the next one. It reports in the order of messages which peers come and go.
        case endpoint
    }

    /// The other end, or the one that it leads to at present.
    var peerDescription: PeerDescription

    let reactor: Reactor
    let pipe: Pipe
    let wakeup: Wakeup
    let outgoing: Channel
    let incoming: Channel
    let remote: RemoteEnd
    let kind: Kind
    weak var owner: (any ChannelConnectionOwner)?

    /// Of the connections that this one outlives, the one that messages arrive by at present.
    var connection = 0
    /// Whether what still arrives by it is discarded.
    var discardsIncoming = false

    var isEnded = false

    /// Why it ended, as far as this end can tell.
    var reasonOfEnd = EventReason.peerClosed

    /// Whether what has been handed over belongs to this side until it is acknowledged: the other end is a session,
    /// which acknowledges what it sends, or has not accepted this one yet.
    private(set) var ownsOutstanding: Bool

    /// Whether the other end has accepted, or cannot refuse, what is handed over.
    var isAccepted: Bool
    /// Whether the other end waits for acceptance.
    private let sendsAcceptance: Bool
    var closesWhenAccepted = false

    var isClosing = false
    /// Whether the session has been ordered to end the connection for a reason, which returns with its end.
    var isRejected = false
    var isRemoteGone = false
    var isScheduled = false
    var wantsToTake = false
    /// What has been used here and not been acknowledged to the other end.
    var used = Credit.zero
    /// What waits in the pipe since before this connection: its use is not acknowledged.
    var earlier = Credit.zero
    /// The pipe's open chunk, when it is shared with the other end.
    var shared: SharedChunk?
    /// Goes to the other end instead of a queue when the pipe conflates.
    lazy var newest = ConflatingSlot()
    var announcements: [ChannelItem] = []
    var returned: [MessageBatch] = []
    /// What has been taken out of the channel; from `nextArrived` on, it has not been processed.
    @exclusivity(unchecked) var arrived: [ChannelItem] = []  // taken from by index, and assigned
    var nextArrived = 0
    /// Whether nothing follows behind that.
    var hasRemoteClosed = false
    /// Whether taking goes on in the next turn.
    var hasRest = false
    /// What a turn's budget has measured, see `WorkBudget`.
    var portionSize = WorkBudget.initialSize

    init(
        _ channels: ChannelPair,
        _ side: ChannelPair.Side,
        _ pipe: Pipe,
        to kind: Kind,
        on handle: ReactorHandle,
        peer: PeerDescription,
        isAccepted: Bool = true,
        sendsAcceptance: Bool = false,
        owner: any ChannelConnectionOwner
    ) {
        self.isAccepted = isAccepted
        self.sendsAcceptance = sendsAcceptance
        reactor = pipe.budgets.reactor
        self.pipe = pipe
        self.kind = kind
        peerDescription = peer
        self.owner = owner
        wakeup = channels.wakeup(of: side)
        outgoing = channels.channel(to: side.other)
        incoming = channels.channel(to: side)
        remote = RemoteEnd(handle: handle, wakeup: channels.wakeup(of: side.other))
        ownsOutstanding = kind != .socket || !isAccepted
    }

    deinit { pipe.forget(self) }

    /// Connects the pipe.
    func start(with peer: Peer) {
        reactor.register(self, for: wakeup)
        if sendsAcceptance { put(.accepted) }
        pipe.linkUp(self, peer: peer)
        earlier = pipe.inbound.held
        // The other side may have sent before this one existed.
        wakeupSignalled()
    }

    /// Connects the pipe with the session of its endpoint.
    func attach() {
        reactor.register(self, for: wakeup)
        pipe.attach(self)
        wakeupSignalled()
    }

    var outlivesConnections: Bool { kind == .endpoint }

    func schedule() {
        guard !isScheduled, !isEnded else { return }
        isScheduled = true
        reactor.atEndOfTurn(self)
    }

    /// An answer may follow at once, unless both ends are on this reactor: then there is no other thread to wait for.
    @inline(__always)
    func noteExchange() {
        if outgoing.isShared { reactor.exchangesWithAnotherThread() }
    }

    /// Wakes the other end.
    ///
    /// The caller may be walking the socket's pipes, none of which may end meanwhile. So a connection whose other end
    /// is gone ends with the turn, after it has taken what that has left behind.
    func wakeRemote() {
        guard !isRemoteGone, !remote.wake(from: reactor) else { return }
        isRemoteGone = true
        wakeupSignalled()
    }

    func accepted() {
        guard !isAccepted else { return }
        isAccepted = true
        if kind == .socket { passOwnership() }
    }

    /// What has been handed over belongs to the other end, which has accepted this one.
    func passOwnership() {
        ownsOutstanding = false
        pipe.count(sent: pipe.sending.outstanding.messages)
    }
}
