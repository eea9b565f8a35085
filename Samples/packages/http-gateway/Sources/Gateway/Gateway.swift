public import Hummingbird
public import ZMQReactor

/// The routes of the gateway. Each asks a worker, and turns what comes back, or does not, into a response.
public struct Gateway: Sendable {
    private let workers: RequestClient

    public init(workers: RequestClient) { self.workers = workers }

    public func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("square/:number") { request, context in
            let number = try context.parameters.require("number", as: Int.self)
            // When the client hangs up, the call is cancelled. The connection is watched for that, and so cannot take
            // another request: it is closed behind the response.
            return try await request.body.consumeWithCancellationOnInboundClose { _ in
                try await answer(to: Message("\(number)"))
            }
        }
        return router
    }

    private func answer(to question: Message) async throws -> Response {
        do {
            let answer = try await workers.request(question).string
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; charset=utf-8", .connection: "close"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: answer + "\n"))
            )
        } catch {
            switch error.code {
            case .timedOut:
                throw HTTPError(.gatewayTimeout, headers: [.connection: "close"], message: "no worker has answered")
            case .wouldBlock:
                // Too many are waiting. Better a quick refusal than an answer that is too late.
                throw HTTPError(
                    .serviceUnavailable,
                    headers: [.retryAfter: "1", .connection: "close"],
                    message: "all workers are busy"
                )
            case .cancelled: throw CancellationError()
            default:
                throw HTTPError(.badGateway, headers: [.connection: "close"], message: error.description)
            }
        }
    }
}
