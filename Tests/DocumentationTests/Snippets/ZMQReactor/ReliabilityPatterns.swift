import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/ReliabilityPatterns.md shows.
enum ReliabilityPatternsPage {
    static func lazyPirate(_ socket: ReqSocket) async throws {
        socket.correlatesReplies = true
        let reply = try await socket.request("Hello", timeout: .seconds(2), retries: 3)
        print(reply.string)
    }

    final class Account {
        private var balance = 0

        func pay(_ amount: Int) -> Message {
            balance -= amount
            return Message("\(balance)")
        }
    }

    static func once(_ reactor: Reactor, _ context: Context, _ account: Account) throws {
        var answers: [Frame: Message] = [:]
        let server = try RepSocket(on: reactor, in: context) { _, request, reply in
            guard let id = request.frame(0)?.copy(), let amount = request.frame(1)?.decimal else {
                return reply.send("send an id and an amount")
            }
            let answer = answers[id] ?? account.pay(amount)
            answers[id] = answer
            reply.send(answer)
        }
        try server.bind("inproc://account")
    }

    final class Welcome: XPubHandler {
        var sequence: UInt64 = 0

        func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
            do {
                if try socket.send(["HUGZ", Frame(integer: sequence)], to: subscriber) == .wouldBlock {
                    subscriber.disconnect(because: "no room for the first message")
                }
            } catch {
                print("the server ends:", error)
            }
        }
    }
}
