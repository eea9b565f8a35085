import EventReactor
import Glibc

/// Runs a `SocksClient` on a descriptor that is connected to a proxy.
final class SocksNegotiation: FileDescriptorHandler {
    private let descriptor: CInt
    private var client: SocksClient
    private var watcher: FileDescriptorWatcher?
    private var completion: ((EventReason?) -> Void)?
    private var wanted = 0
    private var received: [UInt8] = []

    init(_ descriptor: CInt, target: TCPAddress, credentials: SocksClient.Credentials?) {
        self.descriptor = descriptor
        client = SocksClient(target: target, credentials: credentials)
    }

    /// Begins. The completion is called once, with the reason when it was in vain; not after `cancel`.
    func start(on reactor: Reactor, _ completion: @escaping (EventReason?) -> Void) {
        self.completion = completion
        watcher = reactor.watchOpen(descriptor, for: .readable, handler: self)
        perform(client.start())
    }

    /// Ends it; the descriptor stays open.
    func cancel() {
        completion = nil
        watcher?.cancel()
        watcher = nil
    }

    private func finish(_ reason: EventReason?) {
        let completion = self.completion
        cancel()
        completion?(reason)
    }

    private func perform(_ step: SocksClient.Step) {
        switch step {
        case .read(let count):
            (wanted, received) = (count, [])
        case .send(let bytes, let count):
            // A new connection's buffer has room for these few bytes.
            guard Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else {
                return finish(EventReason(.proxy, "cannot talk to the proxy: \(String(cString: strerror(errno)))"))
            }
            (wanted, received) = (count, [])
        case .done: finish(nil)
        case .failed(let reason): finish(EventReason(.proxy, reason))
        }
    }

    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        var buffer = [UInt8](repeating: 0, count: wanted - received.count)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 {
            received += buffer[..<count]
            if received.count == wanted { perform(client.receive(received)) }
        } else if count == 0 {
            finish(EventReason(.proxy, "the proxy closed the connection"))
        } else if errno != EAGAIN, errno != EINTR {
            finish(EventReason(.proxy, "cannot talk to the proxy: \(String(cString: strerror(errno)))"))
        }
    }
}
