import ZMQReactorTestSupport

@testable import ZMTP

/// A raw peer of a target's socket, with what it has said and got.
final class TargetPeer {
    /// The number of the peer at its socket.
    let number: Int
    private let raw: RawPeer
    private let connection: MemoryConnection
    /// What the socket reads, and what it writes.
    let toSocket: MemoryDirection
    let fromSocket: MemoryDirection

    private var outbox: ArraySlice<UInt8> = []
    /// What has gone out.
    private(set) var sent: [UInt8] = []
    private(set) var received: [UInt8] = []
    /// Whether it takes what comes.
    var isReading = true
    /// The version of the protocol it began with; nil for one that is not known to have begun.
    private(set) var version: ProtocolVersion?
    private var messageCount: UInt8 = 0

    /// - Parameter isAccepted: whether the socket has accepted the connection.
    init(_ number: Int, _ raw: RawPeer, _ connection: MemoryConnection, isAccepted: Bool) {
        (self.number, self.raw, self.connection) = (number, raw, connection)
        toSocket = isAccepted ? connection.forward : connection.backward
        fromSocket = isAccepted ? connection.backward : connection.forward
    }

    /// Whether its connection, or the socket's end of it, is not closed.
    var isConnected: Bool { connection.isOpen }

    /// Says as much as there is room for now, and the rest later.
    func say(_ bytes: [UInt8]) {
        outbox += bytes
        pump()
    }

    /// Says what waits for room, and takes what has come.
    func pump() {
        while !outbox.isEmpty {
            let count = raw.send(Array(outbox))
            guard count > 0 else { break }
            sent += outbox.prefix(count)
            outbox = outbox.dropFirst(count)
        }
        if isReading { received += raw.takeReceived() }
    }

    /// Says all that comes before the first message.
    func shakeHands(as type: SocketType, _ version: ProtocolVersion) {
        guard let bytes = Self.handshake(as: type, version, identity: UInt8(number + 7)) else { return }
        if sent.isEmpty, outbox.isEmpty { self.version = version }
        say(bytes)
    }

    /// The bytes of a peer before its first message; nil where there is none of that type and version.
    static func handshake(as type: SocketType, _ version: ProtocolVersion, identity: UInt8) -> [UInt8]? {
        guard version <= .v2_0 else {
            return Wire.greeting(minor: version == .v3_0 ? 0 : 1) + Wire.ready("\(type)", identity: [identity])
        }
        guard let code = type.legacyCode else { return nil }
        return version == .v2_0 ? Wire.greeting2(type: code, identity: [identity]) : [2, 0, identity]
    }

    /// Says a message that no other is equal to.
    ///
    /// - Parameters:
    ///   - shape: 0 to 15; those from 12 on have two frames.
    ///   - front: the frames that come first.
    func say(messageOfShape shape: Int, behind front: [[UInt8]]) {
        messageCount &+= 1
        let body = [0x80 | UInt8(number & 0x3F), messageCount] + [UInt8](repeating: messageCount, count: shape * 17)
        let frames = front + (shape < 12 ? [body] : [body, [messageCount]])
        say(version == .v1_0 ? Wire.message1(frames) : Wire.message(frames))
    }

    // MARK: Failing

    func finish() { raw.finish() }

    /// Neither waits for anything any more.
    func goOn() {
        isReading = true
        for direction in [toSocket, fromSocket] {
            (direction.readSizes, direction.writeSizes, direction.split) = ([], [], .none)
            direction.isStalled = false
        }
        pump()
    }

    func hangUp() { raw.hangUp() }

    func reset() { raw.reset() }

    /// Breaks the connection for both sides.
    func breakConnection() { connection.reset() }
}
