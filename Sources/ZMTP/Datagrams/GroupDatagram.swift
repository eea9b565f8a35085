// What RADIO and DISH send in datagrams, in libzmq's form.
//
//     | size of the group, 1 byte | group | body |
//
//   UDP-1  A datagram is one message. There is no greeting, no command and no frame.
//   UDP-2  A datagram without a size, a size beyond its end, and a group with a zero byte are malformed.
//
// The size and the group are the topic that a group is in this program, see `Group`.

/// A datagram for a group, taken apart in place.
package struct GroupDatagram {
    /// The group as a topic: its size, and its bytes.
    package let topic: UnsafeRawBufferPointer
    package let body: UnsafeRawBufferPointer

    package init(_ datagram: UnsafeRawBufferPointer) throws(ProtocolError) {
        guard let size = datagram.first else { throw .malformedDatagram("a datagram is empty") }
        let end = 1 + Int(size)
        guard end <= datagram.count else {
            throw .malformedDatagram("a group of \(size) bytes is announced in a datagram of \(datagram.count)")
        }
        topic = UnsafeRawBufferPointer(rebasing: datagram[..<end])
        body = UnsafeRawBufferPointer(rebasing: datagram[end...])
        guard !group.contains(0) else { throw .malformedDatagram("a group contains a zero byte") }
    }

    package var group: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: topic[1...]) }
}
