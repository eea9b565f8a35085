import EventReactor
import Glibc

/// Looks names up without blocking the loop: getaddrinfo(3) on a thread of its own for each look-up.
///
/// A name is looked up for each attempt to connect. Requests for a name that is being looked up share the answer, so
/// there are never more threads than names, however long an answer takes.
final class Resolver: ReactorLocal {
    typealias LookUp = @Sendable (_ host: String, _ port: UInt16, _ family: CInt) -> ([SocketAddress], reason: String)

    private struct Name: Hashable, Sendable {
        let host: String
        let port: UInt16
        let family: CInt
    }

    /// What the thread needs, and nothing of the loop.
    private struct Question: Sendable {
        let name: Name
        let asker: ReactorHandle
        let lookUp: LookUp
    }

    private var waiting: [Name: [([SocketAddress], String) -> Void]] = [:]

    /// What looks a name up, and may block for as long as it likes.
    var lookUp: LookUp = { SocketAddress.resolve($0, port: $1, family: $2, isLocal: false) }

    func resolve(
        _ host: String,
        port: UInt16,
        family: CInt,
        on reactor: Reactor,
        _ completion: @escaping ([SocketAddress], String) -> Void
    ) {
        let name = Name(host: host, port: port, family: family)
        waiting[name, default: []].append(completion)
        guard waiting[name]?.count == 1 else { return }
        let question = Question(name: name, asker: reactor.handle, lookUp: lookUp)
        let argument = UnsafeMutablePointer<Question>.allocate(capacity: 1)
        argument.initialize(to: question)
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { Resolver.look($0!) }, argument)
        guard status != 0 else { return _ = pthread_detach(thread) }
        argument.deinitialize(count: 1)
        argument.deallocate()
        answer(name, [], String(cString: strerror(status)))
    }

    private static func look(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let pointer = argument.assumingMemoryBound(to: Question.self)
        let question = pointer.move()
        pointer.deallocate()
        let name = question.name
        let (addresses, reason) = question.lookUp(name.host, name.port, name.family)
        // A reactor that is gone meanwhile has no use for the answer.
        question.asker.submitUnlimited { reactor in
            Resolver.of(reactor).answer(name, addresses, reason)
        }
        return nil
    }

    private func answer(_ name: Name, _ addresses: [SocketAddress], _ reason: String) {
        for completion in waiting.removeValue(forKey: name) ?? [] { completion(addresses, reason) }
    }
}
