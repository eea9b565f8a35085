import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/AsyncAwait.md shows.
enum AsyncAwaitPage {
    static func worker(_ reactor: Reactor, _ tasks: PullSocket, _ results: PushSocket) {
        reactor.task { reactor in
            for try await task in tasks.messages {
                try await reactor.sleep(for: .milliseconds(task[0].decimal ?? 0))
                try await results.sendWhenReady("done")
            }
        }
    }

    static func asking(_ reactor: Reactor, _ socket: ReqSocket) {
        reactor.task { _ in
            do {
                let reply = try await socket.request("Hello", timeout: .seconds(2), retries: 3)
                print(reply.string)
            } catch let error as ZMQError where error.code == .timedOut {
                print("no reply")
            }
        }
    }

    static func answering(_ reactor: Reactor, _ socket: RepSocket) {
        reactor.task { reactor in
            for try await request in socket.requests {
                try await reactor.sleep(for: .seconds(1))
                request.reply("World")
            }
        }
    }
}
