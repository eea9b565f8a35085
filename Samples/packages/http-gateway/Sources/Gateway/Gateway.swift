public import Hummingbird
public import ZMQReactor

/// The routes of the gateway. Each asks a worker, and turns what comes back, or does not, into a response.
public struct Gateway: Sendable {
    private let workers: RequestClient

    public init(workers: RequestClient) { self.workers = workers }

    public func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("square/:number") { _, context in
            let number = try context.parameters.require("number", as: Int.self)
            return try await answer(to: Message("\(number)"))
        }
        return router
    }

    private func answer(to question: Message) async throws -> String {
        do {
            // The request ends with its client: when that hangs up, the task is cancelled, and so is this call.
            return try await workers.request(question).string + "\n"
        } catch {
            switch error.code {
            case .timedOut: throw HTTPError(.gatewayTimeout, message: "no worker has answered")
            case .wouldBlock:
                // Too many are waiting. Better a quick refusal than an answer that is too late.
                throw HTTPError(
                    .serviceUnavailable,
                    headers: [.retryAfter: "1"],
                    message: "all workers are busy"
                )
            case .cancelled: throw CancellationError()
            default: throw HTTPError(.badGateway, message: error.description)
            }
        }
    }
}
