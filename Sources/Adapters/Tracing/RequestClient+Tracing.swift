#if Tracing
    public import Tracing
    public import ZMQReactor

    extension RequestClient {
        /// Makes a request within a span of kind `client`, and sends the span's context with it, in a first frame that the
        /// server takes off with `withServerSpan`.
        ///
        /// ```swift
        /// let reply = try await client.tracedRequest("price of tea", operation: "prices get")
        /// ```
        ///
        /// Only for servers that do: for others, the frame is a part of the request. The reply carries none.
        ///
        /// - Parameters:
        ///   - message: the request.
        ///   - operation: the span's name.
        ///   - timeout: the limit of one attempt; nil for the client's.
        ///   - retries: how often the request is sent again after the timeout; nil for the client's.
        ///   - tracer: the program's, by default.
        /// - Throws: As `request`. The error is recorded in the span.
        public nonisolated(nonsending) func tracedRequest(
            _ message: Message,
            operation: String = "request",
            timeout: Duration? = nil,
            retries: Int? = nil,
            tracer: any Tracer = InstrumentationSystem.tracer
        ) async throws(ZMQError) -> Message {
            try await tracedRequest(message, operation, timeout, retries, by: tracer)
        }

        private nonisolated(nonsending) func tracedRequest<Source: Tracer>(
            _ message: Message,
            _ operation: String,
            _ timeout: Duration?,
            _ retries: Int?,
            by tracer: Source
        ) async throws(ZMQError) -> Message {
            let span = tracer.startSpan(operation, ofKind: .client)
            defer { span.end() }
            span.attributes["messaging.system"] = "zeromq"
            span.attributes["messaging.operation.type"] = "send"
            span.attributes["messaging.message.body.size"] = message.byteCount
            let traced = TraceFrame.add(span.context, to: message, by: tracer)
            do throws(ZMQError) {
                return try await request(traced, timeout: timeout, retries: retries)
            } catch {
                span.attributes["error.type"] = error.errnoName
                span.recordError(error)
                span.setStatus(SpanStatus(code: .error))
                throw error
            }
        }
    }

    /// Carries out a request within a span of kind `server`, whose parent is the span of the client that has sent it.
    ///
    /// ```swift
    /// let server = try RepSocket(on: reactor, in: context) { _, message, reply in
    ///     withServerSpan("prices get", for: message) { request, span in reply.send(price(of: request)) }
    /// }
    /// ```
    ///
    /// A request without a context, or with one that is malformed, begins a new trace.
    ///
    /// - Parameters:
    ///   - operation: the span's name.
    ///   - message: the request, as it was received, without envelope.
    ///   - tracer: the program's, by default.
    ///   - body: called once, with the request without its context. The span is current meanwhile.
    public func withServerSpan<Result>(
        _ operation: String = "process",
        for message: Message,
        tracer: any Tracer = InstrumentationSystem.tracer,
        _ body: (Message, any Span) throws -> Result
    ) rethrows -> Result {
        try serverSpan(operation, for: message, by: tracer, body)
    }

    /// As `withServerSpan`, for a request whose processing waits. The span is current until `body` has
    /// returned. The body runs where the caller does.
    public nonisolated(nonsending) func withServerSpan<Result>(
        _ operation: String = "process",
        for message: Message,
        tracer: any Tracer = InstrumentationSystem.tracer,
        _ body: nonisolated(nonsending) (Message, any Span) async throws -> Result
    ) async rethrows -> Result {
        try await serverSpan(operation, for: message, by: tracer, body)
    }

    private func serverSpan<Result, Source: Tracer>(
        _ operation: String,
        for message: Message,
        by tracer: Source,
        _ body: (Message, any Span) throws -> Result
    ) rethrows -> Result {
        let (context, request) = TraceFrame.split(message, by: tracer) ?? (.topLevel, message)
        return try tracer.withSpan(operation, context: context, ofKind: .server) { span in
            describe(request, in: span)
            return try body(request, span)
        }
    }

    private nonisolated(nonsending) func serverSpan<Result, Source: Tracer>(
        _ operation: String,
        for message: Message,
        by tracer: Source,
        _ body: nonisolated(nonsending) (Message, any Span) async throws -> Result
    ) async rethrows -> Result {
        let (context, request) = TraceFrame.split(message, by: tracer) ?? (.topLevel, message)
        return try await tracer.withSpan(operation, context: context, ofKind: .server) { span in
            describe(request, in: span)
            return try await body(request, span)
        }
    }

    private func describe(_ request: Message, in span: some Span) {
        span.attributes["messaging.system"] = "zeromq"
        span.attributes["messaging.operation.type"] = "process"
        span.attributes["messaging.message.body.size"] = request.byteCount
    }
#endif
