import EventReactor
import Glibc
import ZMTP

/// Runs a prelude on a connected descriptor, of which it reads no byte more than the prelude wants.
final class PreludeRunner: FileDescriptorHandler {
    private let descriptor: CInt
    private var prelude: any Prelude
    /// What the other side is, for people to read: such as "the proxy".
    private let party: String
    private let failure: EventReason.Kind
    private var watcher: FileDescriptorWatcher?
    private var completion: ((EventReason?) -> Void)?
    private var wanted = 0
    private var received: [UInt8] = []

    /// - Parameter failure: the kind of reason when it is in vain.
    init(_ prelude: any Prelude, on descriptor: CInt, with party: String, failingAs failure: EventReason.Kind) {
        (self.prelude, self.descriptor, self.party, self.failure) = (prelude, descriptor, party, failure)
    }

    /// Begins. The completion is called once, with the reason when it was in vain; not after `cancel`.
    func start(on reactor: Reactor, _ completion: @escaping (EventReason?) -> Void) {
        self.completion = completion
        watcher = reactor.watchOpen(descriptor, for: .readable, handler: self)
        perform(prelude.start())
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

    private func fail(_ reason: String) { finish(EventReason(failure, reason)) }

    private func perform(_ first: PreludeStep) {
        var step = first
        while true {
            switch step {
            case .read(let count):
                (wanted, received) = (count, [])
                guard count == 0 else { return }
                step = prelude.receive([])
            case .send(let bytes, let count):
                // A new connection's buffer has room for these few bytes.
                guard Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else {
                    return fail("cannot talk to \(party): \(String(cString: strerror(errno)))")
                }
                step = .read(count)
            case .done: return finish(nil)
            case .failed(let reason): return fail(reason)
            }
        }
    }

    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        var buffer = [UInt8](repeating: 0, count: wanted - received.count)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 {
            received += buffer[..<count]
            if received.count == wanted { perform(prelude.receive(received)) }
        } else if count == 0 {
            fail("\(party) closed the connection")
        } else if errno != EAGAIN, errno != EINTR {
            fail("cannot talk to \(party): \(String(cString: strerror(errno)))")
        }
    }
}
