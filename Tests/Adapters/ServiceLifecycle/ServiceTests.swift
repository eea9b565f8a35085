#if ServiceLifecycle
    import EventReactor
    import Glibc
    import Logging
    import ServiceLifecycle
    import Synchronization
    import Testing
    import UnixSignals
    import ZMQReactor
    import ZMQReactorServiceLifecycle
    import ZMQReactorTestSupport

    /// A PULL of another context.
    private final class Sink: Sendable {
        let endpoint: String
        private let received: AsyncStream<String>
        private let thread: ReactorThread

        init() throws {
            let endpoint = Mutex("")
            let (received, continuation) = AsyncStream<String>.makeStream()
            thread = try Reactor.start { reactor in
                let pull = try PullSocket(on: reactor, in: Context()) { continuation.yield($1.string) }
                let bound = try pull.bind("tcp://127.0.0.1:*")
                endpoint.withLock { $0 = bound }
            }
            self.endpoint = endpoint.withLock { $0 }
            self.received = received
        }

        /// The next messages.
        func receive(_ count: Int) async -> [String] {
            await received.prefix(count).reduce(into: []) { $0.append($1) }
        }

        func end() async {
            thread.stop()
            await thread.join()
        }
    }

    /// A service that does nothing. The signals of its group are watched when it begins.
    private struct Idle: Service {
        let begun = Latch<Void>()

        func run() async throws {
            begun.open(())
            try await gracefulShutdown()
        }
    }

    /// Reactors and contexts as services of a group.
    @Suite(.hangLimit)
    struct ServiceTests {
        private static func quiet() -> Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

        private static func sender(to endpoint: String, in context: Context) throws -> StatefulReactorThread<PushSocket>
        {
            try Reactor.start(making: { reactor in
                let push = try PushSocket(on: reactor, in: context)
                try push.connect(endpoint)
                return push
            })
        }

        @Test("a graceful shutdown flushes, sends what is queued, and ends thread and context")
        func graceful() async throws {
            let (sink, context) = (try Sink(), Context())
            let thread = try Self.sender(to: sink.endpoint, in: context)
            let service = ContextService(context) {
                try await thread.run { _, push in
                    for number in 0..<500 { try #expect(push.send("\(number)") == .accepted) }
                }
            }
            let group = ServiceGroup(configuration: .init(services: [thread, service], logger: Self.quiet()))
            let running = Task { try await group.run() }
            try await thread.run { _, push in try #expect(push.send("first") == .accepted) }
            await group.triggerGracefulShutdown()
            try await running.value
            #expect(context.isTerminated && thread.handle.submit { _ in } == .gone)
            #expect(await sink.receive(501) == ["first"] + (0..<500).map { "\($0)" })
            await sink.end()
        }

        @Test("SIGTERM belongs to the group, which shuts everything down in order")
        func signal() async {
            await #expect(processExitsWith: .success) {
                let (sink, context) = (try Sink(), Context())
                let thread = try Self.sender(to: sink.endpoint, in: context)
                let service = ContextService(context) {
                    try await thread.run { _, push in _ = try push.send("last") }
                }
                let idle = Idle()
                let group = ServiceGroup(
                    configuration: .init(
                        services: [thread, service, idle],
                        gracefulShutdownSignals: [.sigterm],
                        logger: Self.quiet()
                    )
                )
                let running = Task { try await group.run() }
                // The signal would end the process before the group watches it.
                await idle.begun.awaitValue()
                kill(getpid(), SIGTERM)
                try await running.value
                let received = await sink.receive(1)
                precondition(received == ["last"])
                await sink.end()
            }
        }

        @Test("a peer that does not read, and a flush that never ends, are given up after the limit")
        func bounded() async throws {
            let context = Context()
            let thread = try Self.sender(to: "tcp://127.0.0.1:1", in: context)
            try await thread.run { _, push in try #expect(push.send("to nobody") == .accepted) }
            let service = ContextService(context, within: .milliseconds(100)) {
                try await Task.sleep(for: .seconds(1000))
            }
            let group = ServiceGroup(configuration: .init(services: [thread, service], logger: Self.quiet()))
            let clock = ContinuousClock()
            let start = clock.now
            let running = Task { try await group.run() }
            await group.triggerGracefulShutdown()
            await #expect(throws: FlushTimedOut.self) { try await running.value }
            #expect(clock.now - start < .seconds(10) && context.isTerminated)
        }

        @Test("a cancellation during the shutdown ends flush and linger at once", arguments: [true, false])
        func cancelledShutdown(inFlush: Bool) async throws {
            let context = Context()
            let thread = try Self.sender(to: "tcp://127.0.0.1:1", in: context)
            try await thread.run { _, push in try #expect(push.send("to nobody") == .accepted) }
            let began = Latch<Void>()
            let service = ContextService(context, within: .seconds(20)) {
                began.open(())
                if inFlush { try await Task.sleep(for: .seconds(1000)) }
            }
            let group = ServiceGroup(configuration: .init(services: [thread, service], logger: Self.quiet()))
            let running = Task { try await group.run() }
            await group.triggerGracefulShutdown()
            await began.awaitValue()
            let start = ContinuousClock.now
            running.cancel()
            _ = await running.result
            #expect(ContinuousClock.now - start < .seconds(10) && context.isTerminated)
        }

        @Test("a cancellation during a client's shutdown closes it at once")
        func cancelledClient() async throws {
            let context = Context()
            let asked = Latch<Void>()
            let thread = try Reactor.start { reactor in
                try RepSocket(on: reactor, in: context) { _, _, _ in asked.open(()) }.bind("inproc://silent")
            }
            let client = try await RequestClient(to: "inproc://silent", on: thread.handle, in: context)
            let group = ServiceGroup(configuration: .init(services: [client], logger: Self.quiet()))
            let running = Task { try await group.run() }
            let request = Task { try await client.request("x", timeout: .seconds(1000)) }
            await asked.awaitValue()
            await group.triggerGracefulShutdown()
            // The shutdown has begun when nothing more is accepted.
            var refusal: ZMQError?
            while refusal?.code != .closed {
                do { _ = try await client.request("y", timeout: .milliseconds(1)) } catch { refusal = error }
            }
            let start = ContinuousClock.now
            running.cancel()
            _ = await (running.result, request.result)
            #expect(ContinuousClock.now - start < .seconds(5))
            await context.terminate(within: .zero)
            thread.stop()
            await thread.join()
        }

        @Test("listening stops first: a peer that connects during the flush is not accepted")
        func listening() async throws {
            let context = Context()
            let endpoint = Mutex("")
            let thread = try Reactor.start { reactor in
                let pull = try PullSocket(on: reactor, in: context) { _, _ in }
                let bound = try pull.bind("tcp://127.0.0.1:*")
                endpoint.withLock { $0 = bound }
            }
            let refused = Mutex(false)
            let service = ContextService(context) {
                // The work of all turns before this one is done: so is the end of listening.
                try await thread.handle.run { _ in }
                let port = UInt16(endpoint.withLock { $0 }.split(separator: ":").last!)!
                refused.withLock { $0 = !accepts(port) }
            }
            let group = ServiceGroup(configuration: .init(services: [thread, service], logger: Self.quiet()))
            let running = Task { try await group.run() }
            #expect(accepts(UInt16(endpoint.withLock { $0 }.split(separator: ":").last!)!))
            await group.triggerGracefulShutdown()
            try await running.value
            #expect(refused.withLock { $0 })
        }

        @Test("a cancelled group ends at once, and a client as a service answers what is pending")
        func others() async throws {
            let context = Context()
            let asked = Latch<Void>()
            let thread = try Reactor.start { reactor in
                let rep = try RepSocket(on: reactor, in: context) { _, _, reply in
                    asked.open(())
                    reactor.after(.milliseconds(100)) { _ in reply.send("late") }
                }
                try rep.bind("inproc://server")
            }
            let client = try await RequestClient(to: "inproc://server", on: thread.handle, in: context)
            let group = ServiceGroup(
                configuration: .init(services: [thread, ContextService(context), client], logger: Self.quiet())
            )
            let running = Task { try await group.run() }
            let request = Task { try await client.request("x") }
            await asked.awaitValue()
            await group.triggerGracefulShutdown()
            #expect(try await request.value.string == "late")
            try await running.value

            let other = Context()
            let sender = try Self.sender(to: "tcp://127.0.0.1:1", in: other)
            try await sender.run { _, push in try #expect(push.send("to nobody") == .accepted) }
            let cancelled = ServiceGroup(
                configuration: .init(services: [sender, ContextService(other)], logger: Self.quiet())
            )
            let task = Task { try await cancelled.run() }
            task.cancel()
            _ = await task.result
            #expect(other.isTerminated && sender.handle.submit { _ in } == .gone)
        }
    }

    /// Whether a listener accepts a connection.
    private func accepts(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
#endif
