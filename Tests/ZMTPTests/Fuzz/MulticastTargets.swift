import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMTP

// What a multicast receiver is sent. Messages have a number, so that the order can be checked as long as all that
// arrives has been sent: a loss may leave messages out, and nothing else.

/// The stream of one sender.
///
/// Input: largest message (0 for 40, or 1000), size of the datagrams, then steps. Each is a byte, and its arguments.
///
///     steps   0  the next datagram       1  the next datagram is lost    2  the stream is left
///             3  a message is sent; argument: its size
///             4  any datagram; arguments: size, and its bytes
///             5  the next datagram with one byte changed; arguments: position, change
let fuzzMulticastFraming: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let limit = input.byte() == 0 ? 40 : 1000
    let size = 3 + Int(input.byte())
    var decoder = MulticastDecoder(maxMessageSize: limit, maxFrames: 10)
    var stream = MulticastStream()
    var (count, last) = (0, -1)
    var isHonest = true
    while !input.rest.isEmpty {
        var datagram: [UInt8]?
        switch input.byte() % 6 {
        case 0: if !stream.isEmpty { datagram = stream.next(size: size) }
        case 1:
            if !stream.isEmpty { _ = stream.next(size: size) }
            decoder.leave()
        case 2: decoder.leave()
        case 3:
            let body = Int(input.byte()) % (limit - 1)
            stream.append(Wire.message([[UInt8(count & 0xFF)], [UInt8](repeating: 0x61, count: body)]))
            count += 1
        case 4:
            let size = Int(input.byte())
            datagram = input.bytes(size)
            isHonest = false
        default:
            let (position, change) = (Int(input.byte()), input.byte())
            guard !stream.isEmpty else { break }
            datagram = stream.next(size: size)
            datagram![position % datagram!.count] ^= change
            if change != 0 { isHonest = false }
        }
        guard let datagram else { continue }
        let found = decoder.decode([datagram])
        for message in found.messages {
            if let fault = check(message, limit, isHonest, &last, count) { return fault }
        }
        if isHonest, let fault = found.faults.first { return "a fault in what was sent: \(fault)" }
        if !found.faults.isEmpty, decoder.isJoined { return "joined behind a fault" }
        if decoder.byteCount > limit + 64 * 10 { return "\(decoder.byteCount) bytes are kept" }
    }
    return nil
}

private func check(_ message: [UInt8], _ limit: Int, _ isHonest: Bool, _ last: inout Int, _ count: Int) -> String? {
    var (position, bodies, frames) = (0, 0, 0)
    while position < message.count {
        let header = message.withUnsafeBytes { FrameHeader(trusted: $0.baseAddress! + position) }
        if header.flags & ~3 != 0 { return "flags \(header.flags)" }
        position += header.frameSize
        bodies += header.bodySize
        frames += 1
    }
    if position != message.count { return "\(message.count) bytes, and frames for \(position)" }
    if bodies > limit || frames > 10 { return "\(frames) frames with \(bodies) bytes" }
    guard isHonest else { return nil }
    let number = (last + 1..<max(count, last + 1)).first { UInt8($0 & 0xFF) == message[2] }
    guard let number else { return "message \(message[2]) behind \(last)" }
    last = number
    return nil
}

/// A source and a receiver, over a network that loses and repeats packets and has others on it.
///
/// Input: window, then steps. Each is a byte, and its arguments.
///
///     steps   0  data is sent and arrives       1  data is sent and lost     2  data is sent, and arrives in the end
///             3  time passes; argument: tens of milliseconds
///             4  what the source has to say arrives                          5  what the receiver asks for arrives
///             6  any packet for the receiver; arguments: size, and its bytes
///             7  a packet with its right checksum; arguments: type, options, size, and its body
///             8  the same for the source
let fuzzPGM: @Sendable ([UInt8]) -> String? = { bytes in
    var input = FuzzInput(bytes)
    let window = 1 + Int(input.byte())
    var source = MulticastExample.source(packetSize: 100, window: window)
    let settings = MulticastExample.settings(window: window, recovery: 1_000_000_000, senders: 3, memory: 2000)
    var receiver = PGMReceiver(settings, random: SplitMix64(seed: 1))
    var (now, count, last) = (Int64(0), 0, -1)
    var isHonest = true
    var late: [(number: Int, packet: [UInt8])] = []
    while !input.rest.isEmpty {
        let step = input.byte() % 9
        switch step {
        case 0, 1, 2:
            let data = PGMWire.tsdu(0, Wire.message1([[UInt8(count & 0xFF)]]))
            count += 1
            guard let packet = source.packet(data, at: now) else { return "no memory" }
            if step == 0 { receiver.take(packet, at: now) } else if step == 2 { late.append((count, packet)) }
        case 3:
            now += Int64(input.byte()) * 10_000_000
            source.timerFired(at: now)
            if let deadline = receiver.deadline, deadline <= now { receiver.timerFired(at: now) }
        case 4:
            for packet in source.takeControl() { receiver.take(packet, at: now) }
            while let packet = source.takeRepair() { receiver.take(packet, at: now) }
            for (number, packet) in late {
                // One that is too late looks like a new beginning.
                if count - number > 60 { isHonest = false }
                receiver.take(packet, at: now)
            }
            late = []
        case 5:
            for request in receiver.takeRequests()
            where !request.packet.withUnsafeBytes({ source.receive($0, at: now) }) {
                return "a request that the source does not understand"
            }
        case 6:
            let size = Int(input.byte())
            receiver.take(input.bytes(size), at: now)
            isHonest = false
        default:
            let (type, options, size) = (input.byte(), input.byte(), Int(input.byte()))
            let body = input.bytes(size)
            let dataSize = max(0, body.count - 8)
            if step == 7 {
                receiver.take(PGMWire.packet(type, body, to: 5555, options: options, dataSize: dataSize), at: now)
                isHonest = false
            } else {
                let packet = PGMWire.packet(type, body, from: 5555, to: 7000, options: options)
                _ = packet.withUnsafeBytes { source.receive($0, at: now) }
            }
        }
        for message in receiver.takeMessages() {
            if let fault = check(message, 1 << 20, isHonest && count < 256, &last, count) { return fault }
        }
        if receiver.byteCount > 2000 || receiver.byteCount < 0 { return "\(receiver.byteCount) bytes are kept" }
        if receiver.senderCount > 3 { return "\(receiver.senderCount) senders" }
        if receiver.requests.count > 1024 { return "\(receiver.requests.count) requests" }
        let reports = receiver.takeReports()
        if isHonest, reports.contains(where: { if case .faulty = $0.event { true } else { false } }) {
            return "a fault in what was sent"
        }
    }
    return nil
}
