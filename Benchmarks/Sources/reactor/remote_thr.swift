// PUSH: sends as fast as the high-water mark allows.

import CBench
import ReactorBench
import ZMQReactor

@main
enum RemoteThroughput {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 3, "<connect-to> <size> <count>")
        let size = bench_number(CommandLine.unsafeArgv[2])
        let count = bench_number(CommandLine.unsafeArgv[3])
        let reactor = try Reactor()
        let context = Context(ioThreads: Int(bench_io_threads()))
        let sender = Sender(size: Int(size), count: count) { context.terminate(thenStop: reactor) }
        let socket = try PushSocket(on: reactor, in: context, options: .ofRow(isServer: false), handler: sender)
        try socket.connect(CommandLine.arguments[1])
        sender.socketIsWritable(socket)
        reactor.run()

        bench_report_begin("thr", "remote")
        bench_report_count("size", size)
        bench_report_count("count", count)
        bench_report_end()
    }
}

private final class Sender: PushHandler {
    private let bytes: [UInt8]
    private var left: UInt64
    private let done: () -> Void

    init(size: Int, count: UInt64, done: @escaping () -> Void) {
        bytes = [UInt8](repeating: 0, count: size)
        left = count
        self.done = done
    }

    /// A large body may be left uninitialised, as in libzmq's programs; a small one is copied in any case.
    private func send(to socket: PushSocket) throws -> SendResult {
        bytes.count > 8192 ? try socket.send(Message(byteCount: bytes.count) { _ in }) : try socket.send(bytes)
    }

    func socketIsWritable(_ socket: PushSocket) {
        while left > 0 {
            guard try! send(to: socket) == .accepted else { return }
            left -= 1
        }
        done()
    }
}
