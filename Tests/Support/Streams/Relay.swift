public import EventReactor
import Glibc

/// A tcp relay that misbehaves: bytes that arrive at its endpoint are forwarded to the target and back, in the selected
/// mode.
///
/// It lives on the test's own reactor, so that nothing happens while that does not run.
public final class Relay {
    /// What happens to the bytes.
    public enum Manner: Sendable, Equatable {
        /// They are forwarded at once.
        case straight
        /// They are forwarded one at a time, each in a turn of its own.
        case bytewise
        /// They are forwarded after a while, in pieces of any size.
        case delayed(Duration)
        /// They are kept. The connections stay open.
        case stalled
    }

    public var manner: Manner { didSet { for link in links { link.pump() } } }
    public let endpoint: String
    private let reactor: Reactor
    private let server: RawListener
    private let target: String
    private var links: [Link] = []
    private var watcher: FileDescriptorWatcher?

    /// The number of connections it has relayed.
    public private(set) var count = 0

    /// The number of bytes forwarded.
    public internal(set) var byteCount = 0

    public init(on reactor: Reactor, to target: String, _ manner: Manner = .straight) throws {
        self.reactor = reactor
        self.target = target
        self.manner = manner
        server = try RawListener()
        endpoint = server.endpoint
        watcher = try reactor.watch(server.descriptor, for: .readable) { [unowned self] _, _ in accept() }
    }

    deinit { close() }

    private func accept() {
        guard let near = server.accept() else { return }
        // A target that does not listen is a connection that ends at once.
        guard let far = try? RawPeer(target) else { return }
        count += 1
        links.append(Link(near, far, of: self, on: reactor))
    }

    /// Closes all connections: both sides see a reset.
    public func reset() {
        for link in links { link.end(resetting: true) }
    }

    /// Closes all connections and accepts no more.
    public func close() {
        watcher?.cancel()
        watcher = nil
        for link in links { link.end(resetting: false) }
        server.close()
    }

    fileprivate func forget(_ link: Link) { links.removeAll { $0 === link } }
}

/// One relayed connection.
private final class Link {
    private let relay: Relay
    private let reactor: Reactor
    private var ways: [Way] = []
    private var isEnded = false

    init(_ near: RawPeer, _ far: RawPeer, of relay: Relay, on reactor: Reactor) {
        self.relay = relay
        self.reactor = reactor
        ways = [Way(from: near, to: far), Way(from: far, to: near)]
        for way in ways {
            way.watcher = try? reactor.watch(way.from.descriptor, for: .readable) { [unowned self] _, _ in read(way) }
        }
    }

    private func read(_ way: Way) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = Glibc.read(way.from.descriptor, &buffer, buffer.count)
        if count > 0 {
            way.bytes += buffer[..<count]
            pump(way)
        } else if count == 0 {
            way.hasEnded = true
            way.watcher?.interest = []
            pump(way)
        } else if errno != EAGAIN {
            end(resetting: true)
        }
    }

    func pump() {
        for way in ways { pump(way) }
    }

    private func pump(_ way: Way) {
        // Little is queued here: the rest is in the system's buffers, and slows the sender down.
        if !way.hasEnded, !isEnded { way.watcher?.interest = way.bytes.count < 65_536 ? .readable : [] }
        guard !isEnded, way.timer == nil else { return }
        if way.bytes.isEmpty {
            if way.hasEnded { end(resetting: false) }
            return
        }
        switch relay.manner {
        case .straight: write(way, way.bytes.count)
        case .bytewise: later(way, .zero) { 1 }
        case .delayed(let time): later(way, time) { max(1, way.bytes.count * 2 / 3) }
        case .stalled: break
        }
    }

    private func later(_ way: Way, _ delay: Duration, _ count: @escaping () -> Int) {
        way.timer = reactor.after(delay) { [unowned self] _ in
            way.timer = nil
            if relay.manner != .stalled { write(way, min(count(), way.bytes.count)) }
        }
    }

    private func write(_ way: Way, _ count: Int) {
        let sent = way.to.send(Array(way.bytes[..<count]))
        guard sent >= 0 || errno == EAGAIN else { return end(resetting: true) }
        relay.byteCount += max(sent, 0)
        way.bytes.removeFirst(max(sent, 0))
        if sent == count { pump(way) } else { later(way, .milliseconds(1)) { count } }
    }

    func end(resetting: Bool) {
        guard !isEnded else { return }
        isEnded = true
        for way in ways {
            way.watcher?.cancel()
            way.timer?.cancel()
        }
        for way in ways { if resetting { way.from.reset() } else { way.from.hangUp() } }
        reactor.after(.zero) { [self] _ in relay.forget(self) }
    }
}

/// One direction.
private final class Way {
    let from: RawPeer
    let to: RawPeer
    var bytes: [UInt8] = []
    var hasEnded = false
    var watcher: FileDescriptorWatcher?
    var timer: ReactorTimer?

    init(from: RawPeer, to: RawPeer) {
        self.from = from
        self.to = to
    }
}
