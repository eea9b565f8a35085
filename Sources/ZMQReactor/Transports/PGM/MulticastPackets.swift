import CSockets

// What PGM packets travel in.

extension MulticastGroup {
    /// The size of the largest datagram that is received: a raw socket sees the header of IP as well.
    var roomForPacket: Int { packetSize + headerSize }

    /// The port to send to; raw sockets have none.
    var sendPort: UInt16 { isRaw ? 0 : address.port }

    /// The packet in a datagram; nil when there is none.
    func packet(in datagram: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        isRaw ? datagram.behindIPHeader : datagram
    }
}

extension DatagramLink {
    /// Sends one packet. Whether it leaves does not matter: it is one that can be lost.
    final func send(_ packet: [UInt8], of group: MulticastGroup, to address: UInt32) {
        packet.withUnsafeBytes { bytes in
            var datagram = csockets_datagram()
            datagram.base = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            datagram.size = bytes.count
            withUnsafePointer(to: datagram) {
                _ = send(UnsafeBufferPointer(start: $0, count: 1), to: address, group.sendPort)
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// What an IPv4 packet carries; nil when it is malformed.
    fileprivate var behindIPHeader: UnsafeRawBufferPointer? {
        guard let first, first >> 4 == 4 else { return nil }
        let size = Int(first & 0xF) * 4
        guard size >= 20, size <= count else { return nil }
        return UnsafeRawBufferPointer(rebasing: self[size...])
    }
}
