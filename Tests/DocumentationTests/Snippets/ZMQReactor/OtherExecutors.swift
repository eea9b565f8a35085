import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/OtherExecutors.md shows.
enum OtherExecutorsPage {
    static func requests(_ thread: ReactorThread, _ context: Context) async throws -> [String] {
        let client = try await RequestClient(to: "tcp://localhost:5555", on: thread.handle, in: context)
        let replies = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<100 {
                group.addTask { try await client.request("question \(number)").string }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        return replies
    }

    static func ownSocket(_ thread: ReactorThread, _ context: Context) async throws -> RequestClient {
        let client = try await thread.handle.run { reactor in
            let socket = try DealerSocket(on: reactor, in: context)
            for endpoint in ["tcp://a:5555", "tcp://b:5555"] { try socket.connect(endpoint) }
            socket.onEvent = { _, event in print(event) }
            var options = RequestClient.Options()
            options.timeout = .seconds(2)
            options.retries = 3
            return RequestClient(using: socket, options: options)
        }
        return client
    }

    static func sending(_ thread: ReactorThread, _ context: Context) async throws {
        let results = try await thread.handle.run { reactor in
            let socket = try PushSocket(on: reactor, in: context)
            try socket.connect("tcp://localhost:5558")
            return socket.handle
        }
        try await results.sendWhenReady("from any task")
    }

    static func consuming(
        _ thread: ReactorThread,
        _ context: Context,
        _ store: (Message) async throws -> Void
    ) async throws {
        let readings = try await thread.handle.run { reactor in
            let socket = try PullSocket(on: reactor, in: context)
            try socket.bind("tcp://*:5557")
            return socket.sharedMessages(bufferingUpTo: 500)
        }
        for try await reading in readings {
            try await store(reading)
        }
    }

    static func anything(_ thread: ReactorThread) async throws -> Int {
        let errors = try await thread.handle.run { reactor in reactor.handlerErrorCount }
        return errors
    }
}
