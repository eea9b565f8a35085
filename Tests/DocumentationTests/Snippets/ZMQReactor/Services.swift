import Foundation
import ZMQReactor
import ZMQReactorFoundation

#if Configuration
    import Configuration
    import ZMQReactorConfiguration
#endif
#if ServiceLifecycle
    import Logging
    import ServiceLifecycle
    import UnixSignals
    import ZMQReactorServiceLifecycle
#endif
#if Tracing
    import ZMQReactorTracing
#endif

/// What Sources/ZMQReactor/Documentation.docc/Services.md shows.
enum ServicesPage {
    final class Orders {
        init(on reactor: Reactor, in context: Context) throws {}
        func flush() {}
    }

    struct Order: Codable { let number: Int }
    struct Receipt: Codable { let number: Int }

    #if ServiceLifecycle
        static func group(_ logger: Logger) async throws {
            let context = Context()
            let thread = try Reactor.start(named: "orders", making: { reactor in try Orders(on: reactor, in: context) })
            let group = ServiceGroup(
                configuration: .init(
                    services: [
                        thread,
                        ContextService(context, within: .seconds(20)) {
                            try await thread.run { _, orders in orders.flush() }
                        },
                    ],
                    gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: logger
                )
            )
            try await group.run()
        }
    #endif

    static func byHand(_ context: Context, _ thread: ReactorThread) async {
        context.stopListening()
        await context.terminate(within: .seconds(20))
        thread.stop()
        await thread.join()
    }

    #if Configuration
        static func configured(_ config: ConfigReader, _ reactor: Reactor, _ context: Context) throws {
            let settings = try SocketConfiguration(config: config.scoped(to: "orders"))
            let socket = try PullSocket(on: reactor, in: context, options: settings.options)
            try settings.attach(socket)
        }
    #endif

    static func json(_ reactor: Reactor, _ context: Context) throws -> RepSocket {
        let server = try RepSocket(on: reactor, in: context) { _, message, reply in
            let order = try message.decode(Order.self)
            try reply.send(encoding: Receipt(number: order.number))
        }
        return server
    }

    #if Tracing
        static func traced(_ reactor: Reactor, _ context: Context, _ client: RequestClient) async throws -> Message {
            let server = try RepSocket(on: reactor, in: context) { _, message, reply in
                withServerSpan("prices get", for: message) { request, _ in
                    reply.send("the price of \(request.string)")
                }
            }
            let reply = try await client.tracedRequest("tea", operation: "prices get")
            _ = server
            return reply
        }
    #endif
}
