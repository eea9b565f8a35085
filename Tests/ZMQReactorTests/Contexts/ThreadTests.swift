import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

#if DEBUG
    /// The traps of a debug build when a socket is used on another thread than its own.
    @Suite(.hangLimit)
    struct ThreadTests {
        enum Call: String, CaseIterable, Codable {
            case send, receive, bind, connect, close, configure, create, task
        }

        @Test(
            "THR-07, MMP-09: using a socket off its loop's thread traps with advice",
            arguments: Call.allCases
        )
        func trap(call: Call) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [call] in
                let (reactor, context) = (try Reactor(), Context())
                nonisolated(unsafe) let pair = try PairSocket(on: reactor, in: context)
                nonisolated(unsafe) let smuggled = reactor
                startThread {
                    switch call {
                    case .send: _ = try? pair.send("x")
                    case .receive: _ = try? pair.tryReceive()
                    case .bind: _ = try? pair.bind(anyPort)
                    case .connect: try? pair.connect("inproc://x")
                    case .close: pair.close()
                    case .configure: try? pair.configure { $0.linger = .none }
                    case .create: _ = try? PairSocket(on: smuggled, in: context)
                    case .task: Task { try await pair.receive() }
                    }
                }
                try reactor.run(until: { false }, within: .seconds(20))
            }
            let advice = text(result?.standardErrorContent)
            #expect(advice.contains("reactor.handle.submit { reactor in … }"), "\(advice)")
        }
    }
#endif
