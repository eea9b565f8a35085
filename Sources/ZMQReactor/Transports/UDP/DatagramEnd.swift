import CSockets
import ZMTP

/// The other end of a datagram: what a DGRAM calls `address:port`, as bytes that the system takes, see CSockets.
struct DatagramEnd {
    /// Those of IPv4 are 6, those of IPv6 are 22, behind the header of a frame.
    private var bytes = InlineArray<24, UInt8>(repeating: 0)
    private var count = FrameHeader.shortSize

    /// The longest text: an IPv6 address in brackets with a scope, and a port.
    static let textLimit = 2 + 45 + 1 + 10 + 1 + 5

    /// Parses a numeric address and a port from 1 to 65535: `192.0.2.1:5555`, `[2001:db8::1]:5555`, or
    /// `[fe80::1%2]:5555`; nil if it is none. libzmq's programs have a zero behind the text.
    @inline(__always)
    init?(_ text: UnsafeRawBufferPointer) {
        guard parse(text) else { return nil }
        (bytes[0], bytes[1]) = (FrameHeader.more, UInt8(count - FrameHeader.shortSize))
    }

    private mutating func parse(_ text: UnsafeRawBufferPointer) -> Bool {
        let text = text.last == 0 ? UnsafeRawBufferPointer(rebasing: text.dropLast()) : text
        guard text.count <= Self.textLimit, let colon = text.lastIndex(of: UInt8(ascii: ":")),
            let port = Self.number(text[(colon + 1)...], upTo: 65_535), port > 0
        else { return false }
        let host = text[..<colon]
        guard host.first == UInt8(ascii: "[") else {
            guard appendIPv4(host) else { return false }
            append(UInt16(port))
            return true
        }
        return host.last == UInt8(ascii: "]") && appendIPv6(host.dropFirst().dropLast(), UInt16(port))
    }

    /// Calls `body` with the bytes as a frame that another one follows, in wire form.
    @inline(__always)
    func withFrame<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try withUnsafeBytes(of: bytes) { bytes throws(E) in
            try body(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
    }

    private mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    private mutating func append(_ number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    private mutating func appendIPv4(_ host: Slice<UnsafeRawBufferPointer>) -> Bool {
        var rest = host
        for part in 1...4 {
            guard let end = part < 4 ? rest.firstIndex(of: UInt8(ascii: ".")) : rest.endIndex,
                let number = Self.number(rest[..<end], upTo: 255)
            else { return false }
            append(UInt8(number))
            rest = rest[end...].dropFirst()
        }
        return true
    }

    private mutating func appendIPv6(_ host: Slice<UnsafeRawBufferPointer>, _ port: UInt16) -> Bool {
        let parts = host.split(separator: UInt8(ascii: "%"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPv6Address(String(decoding: first, as: UTF8.self)) else {
            return false
        }
        var scope: Int? = 0
        if parts.count == 2 { scope = Self.number(parts[1], upTo: Int(UInt32.max)) }
        guard let scope else { return false }
        append(address.high)
        append(address.low)
        append(port)
        append(UInt32(scope))
        return true
    }

    /// A decimal number without leading zeros.
    private static func number(_ text: Slice<UnsafeRawBufferPointer>, upTo limit: Int) -> Int? {
        guard (1...10).contains(text.count), text.first != UInt8(ascii: "0") || text.count == 1 else { return nil }
        var number = 0
        for digit in text {
            guard digit.isDigit else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return number <= limit ? number : nil
    }
}

extension DatagramEnd {
    /// Writes the text of an end, given in bytes, to memory with room for `textLimit` bytes; returns how many it has, 0
    /// if it is no end.
    static func write(_ end: UnsafeRawBufferPointer, to memory: UnsafeMutableRawBufferPointer) -> Int {
        var writer = Writer(memory: memory)
        switch end.count {
        case Int(csockets_ipv4_end):
            for index in 0..<4 {
                if index > 0 { writer.put(UInt8(ascii: ".")) }
                writer.put(number: Int(end[index]))
            }
            writer.put(UInt8(ascii: ":"))
            writer.put(number: Int(end[4]) << 8 | Int(end[5]))
        case Int(csockets_ipv6_end):
            func number<N: FixedWidthInteger>(at offset: Int) -> N {
                N(bigEndian: end.loadUnaligned(fromByteOffset: offset, as: N.self))
            }
            writer.put(UInt8(ascii: "["))
            for byte in "\(IPv6Address(high: number(at: 0), low: number(at: 8)))".utf8 { writer.put(byte) }
            let scope: UInt32 = number(at: 18)
            if scope > 0 {
                writer.put(UInt8(ascii: "%"))
                writer.put(number: Int(scope))
            }
            writer.put(UInt8(ascii: "]"))
            writer.put(UInt8(ascii: ":"))
            writer.put(number: Int(end[16]) << 8 | Int(end[17]))
        default: return 0
        }
        return writer.count
    }

    /// The text of an end, given in bytes.
    static func text(_ end: UnsafeRawBufferPointer) -> String {
        withUnsafeTemporaryAllocation(byteCount: textLimit, alignment: 1) { memory in
            let size = write(end, to: memory)
            return size == 0 ? "unknown" : String(decoding: memory[..<size], as: UTF8.self)
        }
    }

    private struct Writer {
        let memory: UnsafeMutableRawBufferPointer
        private(set) var count = 0

        init(memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

        mutating func put(_ byte: UInt8) {
            memory[count] = byte
            count += 1
        }

        mutating func put(number: Int) {
            var power = 1
            while number / power >= 10 { power *= 10 }
            while power > 0 {
                put(UInt8(ascii: "0") + UInt8(number / power % 10))
                power /= 10
            }
        }
    }
}
