import EventReactor
import Glibc

/// Looks names up without blocking the loop: getaddrinfo(3) on a thread of its own for each look-up.
///
/// Look-ups happen when a connection is made, at most one per endpoint at a time, so there is no pool.
final class Resolver {
    private var waiting: [Int: ([SocketAddress], String) -> Void] = [:]
    private var nextNumber = 0

    /// What the thread needs, and nothing of the loop.
    private struct Question: Sendable {
        let number: Int
        let host: String
        let port: UInt16
        let family: CInt
        let asker: ReactorHandle
    }

    func resolve(
        _ host: String,
        port: UInt16,
        family: CInt,
        on reactor: Reactor,
        _ completion: @escaping ([SocketAddress], String) -> Void
    ) {
        let question = Question(number: nextNumber, host: host, port: port, family: family, asker: reactor.handle)
        nextNumber += 1
        waiting[question.number] = completion
        let argument = UnsafeMutablePointer<Question>.allocate(capacity: 1)
        argument.initialize(to: question)
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { Resolver.look($0!) }, argument)
        guard status != 0 else { return _ = pthread_detach(thread) }
        argument.deinitialize(count: 1)
        argument.deallocate()
        answer(question.number, [], String(cString: strerror(status)))
    }

    private static func look(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let pointer = argument.assumingMemoryBound(to: Question.self)
        let question = pointer.move()
        pointer.deallocate()
        let (addresses, reason) = SocketAddress.resolve(
            question.host,
            port: question.port,
            family: question.family,
            isLocal: false
        )
        // A reactor that is gone meanwhile has no use for the answer.
        question.asker.submitUnlimited { reactor in
            LoopResources.of(reactor).resolver.answer(question.number, addresses, reason)
        }
        return nil
    }

    private func answer(_ number: Int, _ addresses: [SocketAddress], _ reason: String) {
        waiting.removeValue(forKey: number)?(addresses, reason)
    }
}
