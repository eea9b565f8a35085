import EventReactor
import ZMTP

/// Waits for publishers to confirm that the subscriptions of a SUB have taken effect.
///
/// Rules:
/// * Each wait has a token of its own, and asks every publisher that is connected, or connects later, when all topics
///   have been announced to it.
/// * A question without an answer is asked again every second: a publisher drops it when its queue is full.
/// * A publisher whose connection is lost counts no more, until it has confirmed again.
/// * A publisher that does not confirm ends the waits with an error: it would be waited for in vain.
final class SubscriptionConfirmations {
    private final class Wait {
        let token: [UInt8]
        let count: Int
        let body: (Result<Void, ZMQError>) -> Void
        /// The numbers of the peers.
        var confirmed: Set<Int> = []
        var timer: ReactorTimer?

        init(_ count: Int, _ body: @escaping (Result<Void, ZMQError>) -> Void) {
            token = SubscriptionToken.make(.random(in: .min ... .max))
            (self.count, self.body) = (count, body)
        }
    }

    private var waits: [Wait] = []
    /// Answers under way, by peer. Only while there are any is what arrives looked at.
    private var asked: [Int: Int] = [:]
    private var repeats: ReactorTimer?

    var isIdle: Bool { asked.isEmpty }

    /// - Parameter askAll: asks all publishers to which all topics have been announced.
    /// - Returns: Ends the wait without calling `body`.
    func wait(
        for count: Int,
        within limit: Duration?,
        on reactor: Reactor,
        askAll: @escaping () -> Void,
        then body: @escaping (Result<Void, ZMQError>) -> Void
    ) -> () -> Void {
        let wait = Wait(count, body)
        waits.append(wait)
        // Not within this call: it may end the wait.
        repeats?.cancel()
        repeats = reactor.after(.zero) { [unowned self] timer in
            guard !waits.isEmpty else { return }
            askAll()
            timer.reschedule(after: .seconds(1))
        }
        if let limit { end(wait, after: limit, on: reactor) }
        return { [weak self] in self?.remove(wait) }
    }

    private func end(_ wait: Wait, after limit: Duration, on reactor: Reactor) {
        wait.timer = reactor.after(limit) { [unowned self, unowned wait] _ in
            let text =
                "\(wait.confirmed.count) of \(wait.count) publishers have confirmed the subscriptions in \(limit)"
            end(wait, .failure(ZMQError(.timedOut, text)))
        }
    }

    /// Asks a publisher to which all topics have been announced.
    func ask(_ pipe: Pipe) {
        guard !waits.isEmpty, let peer = pipe.peer, let link = pipe.link else { return }
        guard peer.confirmsSubscriptions else {
            let text = """
                the publisher at \(pipe.endpoint) does not confirm subscriptions; let it send a welcome message, or wait \
                for a message of the topic
                """
            return fail(ZMQError(.notSupported, text, endpoint: "\(pipe.endpoint)"))
        }
        for wait in waits where !wait.confirmed.contains(pipe.peerNumber) {
            asked[pipe.peerNumber, default: 0] += 1
            wait.token.withUnsafeBytes { link.announce(.subscribe, topic: $0) }
        }
    }

    /// A publisher has answered.
    func received(_ message: Message, from pipe: Pipe, on reactor: Reactor) {
        let left = (asked[pipe.peerNumber] ?? 1) - 1
        asked[pipe.peerNumber] = left > 0 ? left : nil
        message.withUnsafeBytes { token in
            // A session keeps it as a subscription.
            pipe.link?.announce(.cancel, topic: token)
            guard let wait = waits.first(where: { $0.token.elementsEqual(token) }) else { return }
            wait.confirmed.insert(pipe.peerNumber)
            guard wait.confirmed.count >= wait.count else { return }
            // Not here, in the middle of receiving.
            reactor.after(.zero) { [unowned self] _ in end(wait, .success(())) }
        }
    }

    func forget(_ pipe: Pipe) {
        asked[pipe.peerNumber] = nil
        for wait in waits { wait.confirmed.remove(pipe.peerNumber) }
    }

    func fail(_ error: ZMQError) { for wait in waits { end(wait, .failure(error)) } }

    private func end(_ wait: Wait, _ result: Result<Void, ZMQError>) { if remove(wait) { wait.body(result) } }

    /// Returns whether the wait was there.
    @discardableResult
    private func remove(_ wait: Wait) -> Bool {
        guard let index = waits.firstIndex(where: { $0 === wait }) else { return false }
        waits.remove(at: index)
        wait.timer?.cancel()
        if waits.isEmpty { repeats.take()?.cancel() }
        return true
    }
}
