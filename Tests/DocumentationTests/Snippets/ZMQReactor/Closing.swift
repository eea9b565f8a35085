import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Closing.md shows.
enum ClosingPage {
    static func closing(_ socket: PushSocket) {
        socket.close { report in
            if report.unsentMessages > 0 { print(report.unsentMessages, "messages were not sent") }
        }
    }

    static func ending(_ reactor: Reactor, _ context: Context) {
        context.terminate(thenStop: reactor)
        reactor.run()
    }

    static func termination(_ context: Context, _ worker: ReactorThread) async {
        let report = await context.terminate()
        worker.stop()
        await worker.join()
        print(report.unsentMessages)
    }

    final class Sampler: PullHandler {
        private var count = 0
        private var timer: ReactorTimer?

        func start(on reactor: Reactor) {
            timer = reactor.every(.seconds(1)) { [weak self] _ in self?.count = 0 }
        }

        func socket(_ socket: PullSocket, received message: Message) { count += 1 }

        func socketClosed(_ socket: PullSocket) { timer?.cancel() }
    }

    static func interrupt(_ reactor: Reactor, _ context: Context) throws {
        try reactor.stopOnInterrupt(closing: context)
        reactor.run()
    }
}
