// Subscribing and cancelling, in two forms: a command for 3.1 peers; a message whose first byte is 01 or 00 for older
// peers and for the application.
//
//   S-3   Publishers accept both forms from peers of every version.
//   S-6   Each form switches to long frames at its own size: a message at topics of 255 bytes, SUBSCRIBE at 246, CANCEL
//         at 249.

/// A subscriber's request for a topic. The raw value is the first byte of the message form.
@usableFromInline
package enum Subscription: UInt8, Sendable {
    case cancel = 0
    case subscribe = 1

    private var commandName: StaticString { self == .subscribe ? "SUBSCRIBE" : "CANCEL" }

    /// The header, as in ZMTP 2.0 and later.
    private func header(topicSize: Int, for version: ProtocolVersion) -> FrameHeader {
        version >= .v3_1
            ? Command.header(commandName, dataSize: topicSize) : FrameHeader(bodySize: 1 + topicSize)
    }

    /// The size on the wire for a topic of `topicSize` bytes.
    package func encodedSize(topicSize: Int, for version: ProtocolVersion) -> Int {
        guard version > .v1_0 else { return Version1Header(bodySize: 1 + topicSize).frameSize }
        return header(topicSize: topicSize, for: version).frameSize
    }

    /// Writes the form for a peer of `version` to `bytes`, which must have room for `encodedSize` bytes.
    package func write(topic: UnsafeRawBufferPointer, for version: ProtocolVersion, to bytes: UnsafeMutableRawPointer) {
        var rest: UnsafeMutableRawPointer
        if version > .v1_0 {
            let header = header(topicSize: topic.count, for: version)
            header.write(to: bytes)
            rest = bytes + header.size
        } else {
            let header = Version1Header(bodySize: 1 + topic.count)
            header.write(to: bytes)
            rest = bytes + header.size
        }
        if version >= .v3_1 {
            let name = commandName
            rest.storeBytes(of: UInt8(name.utf8CodeUnitCount), as: UInt8.self)
            (rest + 1).copyMemory(from: name.utf8Start, byteCount: name.utf8CodeUnitCount)
            rest += 1 + name.utf8CodeUnitCount
        } else {
            rest.storeBytes(of: rawValue, as: UInt8.self)
            rest += 1
        }
        if let base = topic.baseAddress { rest.copyMemory(from: base, byteCount: topic.count) }
    }

    /// Appends the form for a peer of `version` to `output`.
    package func append(topic: UnsafeRawBufferPointer, for version: ProtocolVersion, to output: inout [UInt8]) {
        output.append(count: encodedSize(topicSize: topic.count, for: version)) { bytes in
            write(topic: topic, for: version, to: bytes)
        }
    }

    /// Appends the form for a peer of `version` to `output`.
    package func append(topic: [UInt8], for version: ProtocolVersion, to output: inout [UInt8]) {
        topic.withUnsafeBytes { append(topic: $0, for: version, to: &output) }
    }

    /// Turns a command into the message form in place, without moving the topic: the message's header and first byte
    /// are written directly in front of it, over the command's longer ones.
    ///
    /// - Returns: The number of bytes of the message in front of the topic.
    func rewriteInPlace(topic: UnsafeMutableRawPointer, topicSize: Int) -> Int {
        let header = FrameHeader(bodySize: 1 + topicSize)
        (topic - 1).storeBytes(of: rawValue, as: UInt8.self)
        header.write(to: topic - 1 - header.size)
        return header.size + 1
    }
}
