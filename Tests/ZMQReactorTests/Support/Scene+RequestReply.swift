import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

extension Scene {
    func req(_ change: Change = { _ in }, handler: (any ReqHandler)? = nil) throws -> ReqSocket {
        track(try ReqSocket(on: reactor, in: context, options: Self.options(change), handler: handler))
    }

    func rep(_ change: Change = { _ in }, handler: (any RepHandler)? = nil) throws -> RepSocket {
        track(try RepSocket(on: reactor, in: context, options: Self.options(change), handler: handler))
    }

    func rep(_ change: Change = { _ in }, received: @escaping (RepSocket, Message, Reply) throws -> Void) throws
        -> RepSocket
    {
        track(try RepSocket(on: reactor, in: context, options: Self.options(change), received))
    }

    func dealer(_ change: Change = { _ in }, handler: (any DealerHandler)? = nil) throws -> DealerSocket {
        track(try DealerSocket(on: reactor, in: context, options: Self.options(change), handler: handler))
    }

    func router(_ change: Change = { _ in }, handler: (any RouterHandler)? = nil) throws -> RouterSocket {
        track(try RouterSocket(on: reactor, in: context, options: Self.options(change), handler: handler))
    }

    func router(
        _ change: Change = { _ in },
        received: @escaping (RouterSocket, Message) throws -> Void
    ) throws -> RouterSocket {
        track(try RouterSocket(on: reactor, in: context, options: Self.options(change), received))
    }

    /// A REP that replies to every request with its name in front of it.
    func answering(_ name: String = "re", _ change: Change = { _ in }) throws -> RepSocket {
        try rep(change) { _, request, reply in reply.send("\(name):\(request.text)") }
    }

    /// A DEALER with a routing id.
    func dealer(named name: String, to router: RouterSocket) throws -> DealerSocket {
        let dealer = try dealer()
        try dealer.setRoutingID(name)
        try connect(dealer, to: router)
        return dealer
    }

    /// Sends a request and runs until the reply is queued for `tryReceive`.
    func ask(_ req: ReqSocket, _ text: String) throws -> String {
        #expect(try req.send(text) == .accepted)
        return try receive(req).text
    }
}

extension ReqSocket {
    /// Sends a request, and records its outcome.
    func request(_ message: Message, timeout: Duration? = nil, retries: Int = 0, _ outcomes: Recorder) throws {
        let result = try request(message, timeout: timeout, retries: retries) { outcomes.add($0) }
        #expect(result == .accepted)
    }
}

/// The bytes of a text.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
