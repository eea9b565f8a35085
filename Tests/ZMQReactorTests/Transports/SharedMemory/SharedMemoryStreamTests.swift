import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A stream whose bytes go through memory, without a connection above it.
struct SharedMemoryStreamTests {
    /// What a stream reports.
    private final class Log: ByteStreamHandler {
        var ready: Readiness = []
        func streamIsReady(for readiness: Readiness) { ready.formUnion(readiness) }
    }

    /// Both ends of a ring: a stream, and what a peer does with its memory.
    private struct Pair: ~Copyable {
        let stream: SharedMemoryStream
        let memory: RingMemory
        let log = Log()
        var peer: (reader: RingReader, writer: RingWriter)

        /// - Parameter descriptor: belongs to the stream.
        init(_ reactor: Reactor, over descriptor: CInt, capacity: Int = 4096) throws {
            let file = RingMemory.make(capacity: capacity)
            defer { close(file) }
            memory = RingMemory(mapping: file, capacity: capacity)!
            peer = memory.ends(isConnecting: false)
            stream = SharedMemoryStream(descriptor, isConnecting: true, on: reactor)
            stream.memory = memory
            RingPoller.on(reactor).ringCount += 1
            stream.handler = log
            stream.watcher = reactor.watchOpen(descriptor, for: [], handler: stream)
            stream.useRings()
            stream.interest = .readable
        }

        deinit { stream.close() }
    }

    private func write(_ text: String, to stream: SharedMemoryStream, moreFollows: Bool = false) -> Int {
        Array(text.utf8).withUnsafeBytes { stream.write($0, moreFollows: moreFollows) }
    }

    @Test("SHM-5: a peer that cannot be woken is lost, and not waited for for ever")
    func cannotWake() throws {
        let reactor = try Reactor()
        // It has no peer: sending fails with ENOTCONN, as it might with ENOMEM.
        let pair = try Pair(reactor, over: socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0))
        pair.peer.reader.beginSleep()
        #expect(write("x", to: pair.stream) == 1)
        try reactor.run(until: { pair.log.ready.contains(.readable) }, "the stream to report it")
        var room: [UInt8] = [0]
        #expect(room.withUnsafeMutableBytes { pair.stream.read(into: $0) } == -1 && errno == ENOTCONN)
    }

    @Test("SHM-5: a sleeping peer is woken behind the last part of a write, or when there is no room for the rest")
    func wakesOnce() throws {
        let reactor = try Reactor()
        var ends: [CInt] = [0, 0]
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        #expect(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        let other = RawPeer(accepted: ends[1])
        let pair = try Pair(reactor, over: ends[0])
        pair.peer.reader.beginSleep()
        #expect(write("one", to: pair.stream, moreFollows: true) == 3)
        #expect(other.takeReceived().isEmpty, "there is more to come")
        #expect(write("two", to: pair.stream) == 3)
        #expect(other.takeReceived().count == 1)
        #expect(write("three", to: pair.stream) == 5)
        #expect(other.takeReceived().isEmpty, "it is awake")
        pair.peer.reader.beginSleep()
        #expect(write(String(repeating: "x", count: 5000), to: pair.stream, moreFollows: true) == 4096 - 11)
        #expect(other.takeReceived().count == 1)
        pair.peer.reader.beginSleep()
        #expect(write("four", to: pair.stream, moreFollows: true) == -1 && errno == EAGAIN)
        #expect(other.takeReceived().count == 1)
    }

    @Test("SHM-5: a sleeping peer is woken while a large write goes on, once")
    func wakesEarly() throws {
        let reactor = try Reactor()
        var ends: [CInt] = [0, 0]
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        #expect(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        let other = RawPeer(accepted: ends[1])
        let pair = try Pair(reactor, over: ends[0], capacity: 1 << 20)
        pair.peer.reader.beginSleep()
        let half = String(repeating: "x", count: 40_000)
        #expect(write(half, to: pair.stream, moreFollows: true) == 40_000)
        #expect(other.takeReceived().isEmpty)
        #expect(write(half, to: pair.stream, moreFollows: true) == 40_000)
        #expect(other.takeReceived().count == 1)
        pair.peer.reader.beginSleep()
        #expect(write(String(repeating: "y", count: 500_000), to: pair.stream, moreFollows: true) == 500_000)
        #expect(other.takeReceived().count == 1)
    }

    @Test("a stream that is closed while the poller looks at it does not keep the reactor")
    func closedWhileAwake() throws {
        weak var dropped: Reactor?
        do {
            let reactor = try Reactor()
            dropped = reactor
            let pair = try Pair(reactor, over: socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0))
            #expect(pair.stream.isAwake)
        }
        #expect(dropped == nil)
    }
}
