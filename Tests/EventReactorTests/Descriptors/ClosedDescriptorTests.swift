import EventReactor
import Glibc
import Testing

/// Descriptors for which libev would end the process, each test in its own process.
@Suite struct ClosedDescriptorTests {
    @Test func closedBeforeItsFirstTurn() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            let pair = SocketPair()
            let seen = Seen()
            let watcher = try reactor.watch(pair.a, for: .readable, handler: seen)
            pair.closeA()
            // Nothing else is there to wake it.
            reactor.run(.once)
            precondition(seen.all == [[.readable, .invalid]])
            precondition(!watcher.isActive)
            turns(3, of: reactor)
            precondition(seen.all.count == 1)
        }
    }

    @Test func closedBeforeItsInterestChanges() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            for change: Readiness in [.writable, [.readable, .writable]] {
                let pair = SocketPair()
                let seen = Seen()
                let watcher = try reactor.watch(pair.a, for: .readable, handler: seen)
                turns(1, of: reactor)
                pair.closeA()
                turns(1, of: reactor)
                precondition(seen.all.isEmpty)
                watcher.interest = []
                turns(1, of: reactor)
                watcher.interest = change
                turns(2, of: reactor)
                precondition(seen.all == [change.union(.invalid)])
                precondition(!watcher.isActive)
            }
        }
    }

    @Test func oneOfTwoWatchersIsCancelledAndTheDescriptorClosed() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            let pair = SocketPair()
            let seen = Seen()
            try reactor.watch(pair.a, for: .readable, handler: seen)
            let writer = try reactor.watch(pair.a, for: .writable) { _, _ in }
            turns(1, of: reactor)
            writer.cancel()
            pair.closeA()
            turns(2, of: reactor)
            precondition(seen.all == [[.readable, .invalid]])
        }
    }

    @Test func closedAndReopenedAsAnotherFile() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            // A regular file, which epoll does not accept, and a descriptor opened with O_PATH.
            for (path, flags) in [("/proc/self/exe", O_RDONLY), ("/tmp", 0o10000000)] {
                let pair = SocketPair()
                let seen = Seen()
                let watcher = try reactor.watch(pair.a, for: .readable, handler: seen)
                turns(1, of: reactor)
                let other = open(path, flags | O_CLOEXEC)
                precondition(dup2(other, pair.a) == pair.a)
                watcher.interest = [.readable, .writable]
                turns(2, of: reactor)
                let isPath = flags != O_RDONLY
                precondition(isPath ? seen.all == [[.readable, .writable, .invalid]] : seen.all.count >= 1)
                precondition(watcher.isActive != isPath)
                watcher.cancel()
                close(other)
            }
        }
    }

    /// A number that now belongs to another descriptor, while the old file stays open as a duplicate, makes libev
    /// register everything it watches in a new epoll instance.
    @Test func closedWhenEverythingIsRegisteredAgain() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            let (old, new, gone, good) = (SocketPair(), SocketPair(), SocketPair(), SocketPair())
            let seen = (gone: Seen(), good: Seen())
            try reactor.watch(old.a, for: .readable) { _, _ in }
            try reactor.watch(gone.a, for: .readable, handler: seen.gone)
            try reactor.watch(good.a, for: .readable, handler: seen.good)
            turns(1, of: reactor)
            let duplicate = dup(old.a)
            precondition(dup2(new.a, old.a) == old.a)
            try reactor.watch(old.a, for: .readable) { _, _ in }
            turns(1, of: reactor)
            // Like closing it, except that no other thread of the process can get the number: epoll accepts a
            // descriptor opened with O_PATH as little as a closed one.
            let path = open("/tmp", 0o10000000 | O_CLOEXEC)
            precondition(dup2(path, gone.a) == gone.a)
            // An event of the duplicate, under a number that is not its own.
            old.poke()
            turns(3, of: reactor)
            precondition(seen.gone.all == [[.readable, .invalid]])
            good.poke()
            turns(1, of: reactor)
            precondition(seen.good.all == [.readable])
            close(duplicate)
            close(path)
        }
    }

    @Test func theHandlerOfAClosedOneMayStopTheReactor() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            let pair = SocketPair()
            try reactor.watch(pair.a, for: .readable) { [unowned reactor] _, ready in
                precondition(ready.contains(.invalid))
                reactor.stop()
            }
            pair.closeA()
            reactor.run()
        }
    }

    @Test func aTaskThatWaitsForReadinessIsResumed() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            let pair = SocketPair()
            var result: Readiness?
            reactor.task { reactor in
                result = try? await reactor.readiness(of: pair.a, for: .readable)
                reactor.stop()
            }
            reactor.run(.nowait)
            pair.closeA()
            reactor.run()
            precondition(result == [.readable, .invalid])
        }
    }

    @Test func unknownBitsAreOmitted() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        pair.poke()
        let seen = Seen()
        let watcher = try reactor.watch(pair.a, for: Readiness(rawValue: 0xFD), handler: seen)
        #expect(watcher.interest == .readable)
        turns(1, of: reactor)
        watcher.interest = Readiness(rawValue: 0xFC)
        #expect(watcher.interest.isEmpty)
        turns(1, of: reactor)
        watcher.interest = Readiness(rawValue: 0xFF)
        turns(1, of: reactor)
        #expect(seen.all == [.readable, [.readable, .writable]])
        #expect(Readiness([.readable, .invalid]).description == "readable, invalid")
    }

    /// An epoll instance is a descriptor like any other, except for the reactor's own and for nesting that is too deep.
    @Test func epollInstances() async {
        await #expect(processExitsWith: .success) {
            let reactor = try Reactor()
            let pair = SocketPair()
            let inner = Epoll.create()
            precondition(Epoll.add(pair.a, to: inner))
            let seen = Seen()
            let watcher = try reactor.watch(inner, for: .readable, handler: seen)
            turns(1, of: reactor)
            precondition(seen.all.isEmpty)
            pair.poke()
            turns(1, of: reactor)
            precondition(seen.all == [.readable])
            watcher.cancel()

            // The reactor's own, whichever number that has.
            var refused = 0
            for descriptor in openDescriptors() where descriptorTarget(descriptor) == "anon_inode:[eventpoll]" {
                do {
                    try reactor.watch(descriptor, for: .readable) { _, _ in }.cancel()
                } catch {
                    precondition((error as? ReactorError)?.code == .badDescriptor)
                    refused += 1
                }
            }
            precondition(refused == 1)

            var outermost = inner
            for _ in 0..<8 {
                let next = Epoll.create()
                guard Epoll.add(outermost, to: next) else { break }
                outermost = next
            }
            do {
                try reactor.watch(outermost, for: .readable) { _, _ in }
                preconditionFailure("it is nested too deeply")
            } catch { precondition((error as? ReactorError)?.code == .badDescriptor) }
            turns(2, of: reactor)
        }
    }

    private final class Seen: FileDescriptorHandler {
        private(set) var all: [Readiness] = []
        func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) { all.append(ready) }
    }
}

/// epoll(7), whose header is not in the Glibc module.
private enum Epoll {
    static func create() -> CInt {
        unsafeBitCast(dlsym(nil, "epoll_create1"), to: (@convention(c) (CInt) -> CInt).self)(0)
    }

    /// Watches a descriptor for input; returns whether that is possible.
    static func add(_ descriptor: CInt, to instance: CInt) -> Bool {
        typealias Control = @convention(c) (CInt, CInt, CInt, UnsafeMutableRawPointer) -> CInt
        // EPOLLIN in a struct epoll_event, which has 12 or 16 bytes.
        var event: [UInt32] = [1, 0, 0, 0]
        return unsafeBitCast(dlsym(nil, "epoll_ctl"), to: Control.self)(instance, 1, descriptor, &event) == 0
    }
}
