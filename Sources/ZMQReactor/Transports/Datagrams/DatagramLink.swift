import CSockets
import EventReactor
import Glibc
import ZMTP

/// The owner of a link of datagrams.
protocol DatagramLinkOwner: AnyObject {
    func linkEnded(_ link: DatagramLink)
}

/// Connects a pipe with a descriptor of datagrams: what the links of all transports of datagrams have in common.
///
/// A link has one descriptor, and one timer, which is early rather than moved each time.
class DatagramLink {
    final let endpoint: Endpoint
    private let peerName: PeerDescription
    final let reactor: Reactor
    final let pipe: Pipe
    final let observer: SocketObserver
    final let descriptor: DatagramDescriptor
    private weak var owner: (any DatagramLinkOwner)?

    private(set) final var watcher: FileDescriptorWatcher?
    private var timer: ReactorTimer?
    /// When it fires.
    private var alarm = Int64.max
    private var isScheduled = false

    private(set) final var isEnded = false
    private(set) final var reasonOfEnd = EventReason.closed
    final var isClosing = false

    final var bytesSent = 0
    final var bytesReceived = 0

    init(
        to peerName: PeerDescription,
        on descriptor: DatagramDescriptor,
        for pipe: Pipe,
        _ observer: SocketObserver,
        owner: any DatagramLinkOwner
    ) {
        (self.peerName, self.descriptor, self.pipe, self.observer) = (peerName, descriptor, pipe, observer)
        endpoint = pipe.endpoint
        reactor = pipe.budgets.reactor
        self.owner = owner
    }

    deinit {
        pipe.forget(self)
        if !isEnded { descriptor.close() }
    }

    // MARK: Overridden

    /// The link is up.
    func begin() {}

    /// The descriptor is ready.
    func ready(_ readiness: Readiness) {}

    /// The turn is over, and the link has been scheduled.
    func turnEnded() {}

    /// The time has come that was set.
    func timeHasCome(at now: Int64) {}

    /// The link is about to end.
    func willEnd() {}

    func announce(_ subscription: Subscription, topic: UnsafeRawBufferPointer) {}

    func close(afterSending: Bool) { end(.closed) }

    func pipeHasOutput() {}
    func outboundIsLarge() {}
    func refreshCredit() {}
    func resumeReceiving() {}

    // MARK: Life

    /// Connects the pipe.
    final func start(with peer: Peer) {
        watcher = reactor.watchOpen(descriptor.descriptor, for: .readable, handler: self)
        pipe.linkUp(self, peer: peer)
        if !isEnded { begin() }
    }

    final func end(_ reason: EventReason) {
        guard !isEnded else { return }
        willEnd()
        isEnded = true
        reasonOfEnd = reason
        timer?.cancel()
        timer = nil
        watcher?.cancel()
        descriptor.close()
        reactor.deferRelease(self)
        pipe.linkDown(reason)
        owner?.linkEnded(self)
    }

    final func schedule() {
        guard !isScheduled, !isEnded else { return }
        isScheduled = true
        reactor.atEndOfTurn(self)
    }

    /// Calls `timeHasCome` at a time, or earlier.
    final func wake(at time: Int64) {
        guard time < alarm, !isEnded else { return }
        alarm = time
        let delay = Duration.nanoseconds(max(time - reactor.nanoseconds, 0))
        if timer?.reschedule(after: delay) != true { timer = reactor.after(delay, handler: self) }
    }

    // MARK: Datagrams

    /// Sends datagrams to an address; returns how many, or -1 with errno set.
    final func send(
        _ datagrams: UnsafeBufferPointer<csockets_datagram>,
        to address: UInt32,
        _ port: UInt16
    ) -> CInt {
        let count = UInt32(datagrams.count)
        let sent = csockets_send(descriptor.descriptor, datagrams.baseAddress, count, address, port)
        if sent > 0 {
            let size = datagrams.prefix(Int(sent)).reduce(0) { $0 + $1.size }
            bytesSent += size
            observer.record(.bytesSent(size))
        }
        return sent
    }

    /// Receives datagrams once, and calls `body` with each that is whole, as long as the link has not ended. Returns
    /// whether there may be more.
    ///
    /// - Parameter size: the size of the largest.
    final func receive(atMost size: Int, _ body: (UnsafeRawBufferPointer, csockets_datagram) -> Void) -> Bool {
        let buffers = DatagramBuffers.of(reactor)
        let count = buffers.receive(on: descriptor.descriptor, upTo: size)
        guard count > 0 else {
            // ECONNREFUSED: a host answers that nothing is there, to what was sent before.
            if count < 0, ![EAGAIN, EINTR, ECONNREFUSED].contains(errno) { end(.system(errno)) }
            return false
        }
        for number in 0..<count where !isEnded {
            let datagram = buffers.datagrams[number]
            bytesReceived += datagram.size
            observer.record(.bytesReceived(datagram.size))
            guard datagram.is_truncated == 0 else {
                observer.record(.dropped(1, .malformed))
                continue
            }
            body(UnsafeRawBufferPointer(start: datagram.base, count: datagram.size), datagram)
        }
        return count == DatagramBuffers.batch
    }

    final func info(endpoint: Endpoint, isAccepted: Bool) -> ConnectionInfo {
        ConnectionInfo(
            of: pipe,
            endpoint: endpoint,
            peer: peerDescription,
            isAccepted: isAccepted,
            bytes: (bytesSent, bytesReceived)
        )
    }
}

extension DatagramLink: PipeLink, AcceptedLink {
    var peerDescription: PeerDescription { peerName }
    var servedPipe: Pipe? { isEnded ? nil : pipe }
    func reject(_ reason: EventReason) { end(reason) }
}

extension DatagramLink: OwnedHandler {
    var handlerOwner: (any HandlerOwner)? { pipe.sink as? any HandlerOwner }
}

extension DatagramLink: FileDescriptorHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) { if !isEnded { self.ready(ready) } }
}

extension DatagramLink: EndOfTurnHandler {
    func reactorTurnEnded() {
        isScheduled = false
        if !isEnded { turnEnded() }
    }
}

extension DatagramLink: TimerHandler {
    func timerFired(_ timer: ReactorTimer) {
        alarm = .max
        if !isEnded { timeHasCome(at: reactor.nanoseconds) }
    }
}

/// What the datagrams that have just been received lie in, for all links of a loop.
final class DatagramBuffers: ReactorLocal {
    /// The datagrams received at once.
    static let batch = 32

    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    fileprivate private(set) var datagrams = [csockets_datagram](
        repeating: csockets_datagram(),
        count: DatagramBuffers.batch
    )

    deinit { memory.deallocate() }

    /// Returns how many have been received, or -1 with errno set.
    fileprivate func receive(on descriptor: CInt, upTo size: Int) -> Int {
        if memory.count < size * Self.batch {
            memory.deallocate()
            memory = .allocate(byteCount: size * Self.batch, alignment: 16)
        }
        for number in 0..<Self.batch {
            datagrams[number].base = memory.baseAddress! + number * size
            datagrams[number].size = size
        }
        return Int(csockets_receive(descriptor, &datagrams, UInt32(Self.batch)))
    }
}
