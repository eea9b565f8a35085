import CSockets
import Glibc
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The connecting end of a connection that shares memory, which does what a test says: it follows the rules or breaks
/// them.
final class RingPeer {
    let raw: RawPeer
    private let scene: Scene
    private(set) var memory: RingMemory?
    var reader: RingReader?
    var writer: RingWriter?
    /// The same memory, mapped again, for lies.
    private(set) var base: UnsafeMutableRawPointer?
    private var size = 0

    static func handshake(_ type: String) -> [UInt8] {
        let properties =
            Wire.property("Socket-Type", type)
            + Wire.property(SharedMemoryStream.property, SharedMemoryStream.propertyValue)
        return Wire.greeting() + Wire.command("READY", properties)
    }

    /// Connects, and shakes hands as a peer that can share memory.
    init(_ scene: Scene, as type: String, to endpoint: String) throws {
        self.scene = scene
        raw = try RawPeer(endpoint)
        raw.send(Self.handshake(type))
        try receiveHandshake()
    }

    /// Takes what a socket that can share memory says.
    private func receiveHandshake() throws {
        _ = try raw.receive(64, scene)
        let header = try raw.receive(2, scene)
        let ready = try raw.receive(Int(header[1]), scene)
        guard String(decoding: ready, as: UTF8.self).contains(SharedMemoryStream.property) else {
            throw TestFailure("the socket does not offer to share memory")
        }
    }

    deinit { if let base { munmap(base, size) } }

    /// Sends the bytes with a descriptor.
    func send(_ bytes: [UInt8], with descriptor: CInt = -1) {
        let sent = bytes.withUnsafeBytes {
            csockets_send_descriptor(raw.descriptor, $0.baseAddress, $0.count, descriptor)
        }
        precondition(sent == bytes.count)
    }

    /// The record with which the socket answers.
    func answer() throws -> SharingRecord? { SharingRecord(try raw.receive(SharingRecord.size, scene)) }

    /// Shares memory, by the rules.
    func share(capacity: Int = 4096) throws {
        let file = RingMemory.make(capacity: capacity)
        defer { close(file) }
        send(SharingRecord.offer(capacity: capacity).bytes, with: file)
        guard try answer() == .accepted else { throw TestFailure("the offer was not accepted") }
        memory = RingMemory(mapping: file, capacity: capacity)
        (reader, writer) = memory!.ends(isConnecting: true)
        size = RingMemory.size(of: capacity)
        base = csockets_map_memory(file, size)
    }

    /// Writes to the ring, and wakes the socket.
    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        try scene.wait("room in the ring") {
            let count = rest.withUnsafeBytes { writer!.write($0) }
            rest = rest.dropFirst(count!)
            wake()
            return rest.isEmpty
        }
    }

    func wake() { raw.send([0]) }

    /// What the socket writes to the ring.
    func read(_ count: Int) throws -> [UInt8] {
        var found: [UInt8] = []
        try scene.wait("\(count) bytes in the ring") {
            var room = [UInt8](repeating: 0, count: count - found.count)
            let taken = room.withUnsafeMutableBytes { reader!.read(into: $0) }
            found += room[..<taken!]
            wake()
            return found.count == count
        }
        return found
    }

    /// Overwrites a word: of ring 0, in which this end writes, or of ring 1.
    func lie(ring: Int, word: Int, _ value: UInt64) {
        base!.storeBytes(of: value, toByteOffset: ring * RingMemory.wordsSize + word, as: UInt64.self)
        wake()
    }
}

/// The accepting end of such connections.
final class RingListener {
    let endpoint = Unique.ipcEndpoint()
    private let scene: Scene
    private let listening: CInt
    private var path: String { String(endpoint.dropFirst("ipc://".count)) }

    init(_ scene: Scene) throws {
        self.scene = scene
        listening = StreamDescriptor.open(AF_UNIX)
        let address = SocketAddress(unix: String(endpoint.dropFirst("ipc://".count)), isAbstract: false)
        guard address.withPointer({ bind(listening, $0, $1) }) == 0, listen(listening, 5) == 0 else {
            throw TestFailure(call: "cannot listen", errno: errno)
        }
    }

    deinit {
        close(listening)
        unlink(path)
    }

    /// Runs until a socket connects, which learns nothing yet.
    func accept() throws -> RawPeer {
        var peer: RawPeer?
        try scene.wait("a connection") {
            let (accepted, _) = SocketAddress.accept(listening)
            if accepted >= 0 { peer = RawPeer(accepted: accepted) }
            return peer != nil
        }
        return peer!
    }

    /// Shakes hands as a peer that can share memory, and runs until the socket has sent this record.
    func negotiate(_ peer: RawPeer, as type: String, until record: SharingRecord) throws {
        peer.send(RingPeer.handshake(type))
        try scene.wait("the record \(record)") { peer.hasReceived(record.bytes) }
    }
}
