import EventReactor
import Glibc

/// What Sources/EventReactor/Documentation.docc/WorkingWithTheReactor.md shows.
enum WorkingWithTheReactorPage {
    static func descriptors(_ reactor: Reactor, _ descriptor: CInt) throws {
        try reactor.watch(descriptor, for: .readable) { watcher, ready in
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(watcher.descriptor, &buffer, buffer.count)
            if count > 0 { return print("read", count, "bytes;", ready) }
            watcher.cancel()
            close(watcher.descriptor)
        }
    }

    static func time(_ reactor: Reactor) {
        let timeout = reactor.after(.seconds(5)) { _ in print("too late") }
        timeout.reschedule(after: .seconds(10))

        reactor.every(.milliseconds(20)) { _ in print("50 times a second, without drift") }

        reactor.onWallClock(every: .seconds(3600)) { _ in print("on the hour") }
    }

    static func signals(_ reactor: Reactor, _ child: CInt) throws {
        try reactor.on(signal: .hangup) { _ in print("reading the configuration again") }
        try reactor.onExit(of: child) { _, status in print("the child", status) }
    }

    static func spawning(_ reactor: Reactor, _ lines: any FileDescriptorHandler) throws {
        let sort = try reactor.spawn("sort", ["-n"], input: .pipe, output: .pipe) { _, status in
            print("sort", status)
        }
        if let output = sort.output { try reactor.watch(output, for: .readable, handler: lines) }
    }

    static func errors(
        _ reactor: Reactor,
        _ write: @escaping (String) throws -> Void,
        _ report: @escaping () throws -> String
    ) {
        reactor.onError = { error, source in print("\(type(of: source)): \(error)") }
        reactor.every(.seconds(1)) { _ in try write(report()) }
    }
}
