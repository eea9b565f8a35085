import ZMQReactorTesting

@testable import ZMTP

/// Messages in the datagrams that a sender makes of them.
struct MulticastStream: ~Copyable {
    private var packer = MulticastPacker()
    private var queue: ArraySlice<[UInt8]>
    /// Bytes released from the first message of the queue.
    private var released = 0

    /// - Parameter messages: each in the form of 3.x.
    init(_ messages: [[UInt8]] = []) { queue = messages[...] }

    mutating func append(_ message: [UInt8]) { queue.append(message) }

    var isEmpty: Bool { queue.isEmpty && packer.isEmpty }

    /// The messages that have not left entirely.
    var unsentCount: Int { queue.count }

    /// The data of the next datagram, with the messages that there are.
    mutating func next(size: Int, atOnce: Int = .max) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xAA, count: size)
        let (packed, used) = bytes.withUnsafeMutableBytes { memory in
            var datagram = MulticastDatagram(memory)
            pack(into: &datagram, atOnce)
            datagram.finish(endsMessage: packer.isAtBoundary)
            return (datagram.isEmpty, datagram.size)
        }
        packer.settle()
        return packed ? [] : Array(bytes.prefix(used))
    }

    private mutating func pack(into datagram: inout MulticastDatagram, _ atOnce: Int) {
        while datagram.hasRoom {
            if packer.isEmpty {
                let part = queue.prefix(atOnce)
                let isFilled = packer.fill { body in for message in part where !message.withUnsafeBytes(body) { return }
                }
                guard isFilled else { return }
            }
            released += packer.pack(into: &datagram)
            while let first = queue.first, released >= first.count {
                released -= first.count
                queue.removeFirst()
            }
        }
    }

    /// All datagrams.
    mutating func all(size: Int, atOnce: Int = .max) -> [[UInt8]] {
        var found: [[UInt8]] = []
        while !isEmpty { found.append(next(size: size, atOnce: atOnce)) }
        return found
    }
}

/// The messages in the batches, each in the form of 3.x.
func forms(of batches: [MessageBatch]) -> [[UInt8]] {
    var found: [[UInt8]] = []
    for var batch in batches {
        while let message = batch.next() {
            var bytes = [UInt8](repeating: 0, count: message.wireSize)
            bytes.withUnsafeMutableBytes { message.write(to: $0.baseAddress!) }
            found.append(bytes)
        }
    }
    return found
}

extension MulticastDecoder {
    /// Decodes the data of datagrams, each with what is wrong with it.
    mutating func decode(_ datagrams: [[UInt8]]) -> (messages: [[UInt8]], faults: [ProtocolError]) {
        var output = MessageWriter()
        var faults: [ProtocolError] = []
        for datagram in datagrams { if let fault = fault(in: datagram, &output) { faults.append(fault) } }
        return (forms(of: output.takeBatches()), faults)
    }
}

extension MulticastDecoder {
    private mutating func fault(in datagram: [UInt8], _ output: inout MessageWriter) -> ProtocolError? {
        datagram.withUnsafeBytes { bytes in
            do throws(ProtocolError) {
                try decode(bytes, to: &output)
                return nil
            } catch {
                return error
            }
        }
    }
}

/// A source and what it is called.
enum MulticastExample {
    static let port: UInt16 = 5555
    static let address: UInt32 = 0x7F00_0001
    static let group: UInt32 = 0xEFC0_0101
    static let session = TransportSession(random: 0x736F_7572_6365, port: 7000)

    static func source(packetSize: Int = 200, window: Int = 100, first: UInt32 = 0, at now: Int64 = 0) -> PGMSource {
        let identity = PGMSource.Identity(session: session, port: port, address: address, group: group)
        return PGMSource(identity, packetSize: packetSize, window: window, first: first, at: now)
    }

    static func settings(
        window: Int = 100,
        recovery: Int64 = 2_000_000_000,
        senders: Int = 4,
        memory: Int = 1 << 20,
        maxMessageSize: Int = 1 << 20
    ) -> PGMReceiver.Settings {
        PGMReceiver.Settings(
            port: port,
            window: window,
            recoveryInterval: recovery,
            senders: senders,
            memory: memory,
            maxMessageSize: maxMessageSize,
            maxFrames: 1000
        )
    }
}

extension PGMSource {
    /// Makes a packet with the data, and counts it as sent.
    mutating func packet(_ data: [UInt8], at now: Int64 = 0) -> [UInt8]? {
        guard let memory = nextData() else { return nil }
        memory.copyBytes(from: data)
        addData(data.count)
        let packet = [UInt8](unsentPacket(unsentCount - 1))
        didSend(unsentCount, at: now)
        return packet
    }
}

extension PGMReceiver {
    /// Takes a packet from the example's address for its group.
    @discardableResult
    mutating func take(_ packet: [UInt8], from address: UInt32 = MulticastExample.address, at now: Int64 = 0) -> Bool {
        packet.withUnsafeBytes { receive($0, from: address, to: MulticastExample.group, at: now) }
    }

    /// The messages that have arrived, each in the form of 3.x.
    mutating func takeMessages() -> [[UInt8]] { forms(of: takeBatches()) }
}
