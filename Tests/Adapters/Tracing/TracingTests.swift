#if Tracing
    import EventReactor
    import InMemoryTracing
    import Testing
    import Tracing
    import ZMQReactor
    import ZMQReactorTestSupport
    import ZMQReactorTesting

    @testable import ZMQReactorTracing

    /// Spans around requests, and their context on the way.
    @Suite(.hangLimit)
    struct TracingTests {
        @Test("the server's span is a child of the client's, and the request arrives as it was")
        func parent() throws {
            try withTestScene { scene in
                let tracer = InMemoryTracer()
                let rep = try RepSocket(on: scene.reactor, in: scene.context) { _, message, reply in
                    withServerSpan("serve", for: message, tracer: tracer) { request, span in
                        #expect(request == ["a", "b"])
                        reply.send("done")
                    }
                }
                let dealer = try DealerSocket(on: scene.reactor, in: scene.context)
                try dealer.connect(rep.bind("inproc://traced"))
                let client = RequestClient(using: dealer)
                var reply: Message?
                scene.reactor.task { _ in
                    reply = try await client.tracedRequest(["a", "b"], operation: "ask", tracer: tracer)
                }
                try scene.run(until: { reply != nil })
                #expect(reply == "done")
                let spans = tracer.finishedSpans
                let (ask, serve) = (
                    spans.first { $0.operationName == "ask" }, spans.first { $0.operationName == "serve" }
                )
                #expect(spans.count == 2 && ask?.kind == .client && serve?.kind == .server)
                #expect(serve?.parentSpanID == ask?.spanID && serve?.traceID == ask?.traceID)
            }
        }

        @Test("the error of a request is in its span")
        func failure() throws {
            try withTestScene { scene in
                let tracer = InMemoryTracer()
                let dealer = try DealerSocket(on: scene.reactor, in: scene.context)
                try dealer.connect("inproc://nobody")
                let client = RequestClient(using: dealer)
                var code: ZMQError.Code?
                scene.reactor.task { _ in
                    do {
                        _ = try await client.tracedRequest("x", timeout: .seconds(1), tracer: tracer)
                    } catch let error as ZMQError { code = error.code }
                }
                try scene.run(until: { code != nil })
                #expect(code == .timedOut)
                let span = try #require(tracer.finishedSpans.first)
                #expect(span.errors.count == 1 && span.status?.code == .error)
            }
        }

        @Test(
            "entries are split at bytes: neither a carriage return nor a combining mark joins with what is beside it",
            arguments: [("1\r", "2"), ("\u{301}x", "\u{301}"), ("a=b", "")]
        )
        func bytes(trace: String, parent: String) throws {
            let tracer = InMemoryTracer()
            let frame = "ZTRC1\n\(InMemoryTracer.traceIDKey)=\(trace)\n\(InMemoryTracer.spanIDKey)=\(parent)"
            withServerSpan(for: [Frame(frame), "body"], tracer: tracer) { request, _ in #expect(request == "body") }
            let span = try #require(tracer.finishedSpans.first)
            #expect(Array(span.traceID.utf8) == Array(trace.utf8))
            #expect(span.parentSpanID.map { Array($0.utf8) } == Array(parent.utf8))
        }

        @Test("the span of a handler that waits lasts until its end, and has its error")
        func waiting() throws {
            struct Refusal: Error {}
            try withTestScene { scene in
                let tracer = InMemoryTracer()
                let frame = "ZTRC1\n\(InMemoryTracer.traceIDKey)=t\n\(InMemoryTracer.spanIDKey)=p"
                var isDone = false
                scene.reactor.task { reactor in
                    let size = await withServerSpan("wait", for: [Frame(frame), "body"], tracer: tracer) {
                        request,
                        span in
                        try? await reactor.sleep(for: .seconds(1))
                        #expect(tracer.activeSpans.count == 1 && tracer.finishedSpans.isEmpty)
                        #expect(ServiceContext.current?.inMemorySpanContext?.traceID == "t")
                        return request.byteCount
                    }
                    #expect(size == 4)
                    await #expect(throws: Refusal.self) {
                        try await withServerSpan("refuse", for: "body", tracer: tracer) { _, _ in
                            try await reactor.sleep(for: .seconds(1))
                            throw Refusal()
                        }
                    }
                    isDone = true
                }
                try scene.run(until: { isDone })
                let spans = tracer.finishedSpans
                #expect(spans.map(\.operationName) == ["wait", "refuse"] && spans.map(\.errors.count) == [0, 1])
                #expect(spans[0].traceID == "t" && spans[0].parentSpanID == "p" && spans[1].parentSpanID == nil)
                #expect(spans.allSatisfy { $0.kind == .server })
            }
        }

        @Test("what a stranger sends in the place of a context is a part of the request, and begins a new trace")
        func strangers() {
            let tracer = InMemoryTracer()
            let long = "ZTRC1\na=" + String(repeating: "x", count: 8192)
            let many = "ZTRC1" + String(repeating: "\na=b", count: 65)
            for frame in ["", "ZTRC", "ZTRC1x", "ZTRC1\n", "ZTRC1\nno end", long, many] {
                let message: Message = [Frame(frame), "body"]
                withServerSpan(for: message, tracer: tracer) { request, _ in #expect(request == message, "\(frame)") }
            }
            // A context alone is no request.
            withServerSpan(for: "ZTRC1\na=b", tracer: tracer) { request, _ in #expect(request == "ZTRC1\na=b") }
            withServerSpan(for: ["ZTRC1\na=b", "body"], tracer: tracer) { request, _ in #expect(request == "body") }
            #expect(tracer.finishedSpans.allSatisfy { $0.parentSpanID == nil })
        }
    }
#endif
