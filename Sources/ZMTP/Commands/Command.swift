// Commands: a name, preceded by its length, and data.
//
//   CM-1  Unknown commands are ignored in traffic and rejected in the handshake.
//   CM-2  An empty body, or a name that is empty or longer than the body, is an error.

/// A command in a peer's bytes. Valid as long as these bytes do not move.
struct Command {
    /// The command names that the engine knows.
    enum Name {
        case ready, error, hello, welcome, initiate
        case ping, pong, subscribe, cancel, join, leave
        case other
    }

    let name: Name
    let data: UnsafeRawBufferPointer
    private let nameBytes: UnsafeRawBufferPointer

    /// Parses the body of a command frame.
    init(body: UnsafeRawBufferPointer) throws(ProtocolError) {
        guard let nameSize = body.first.map(Int.init), nameSize > 0, nameSize < body.count else {
            throw .malformedCommand("without a name")
        }
        nameBytes = UnsafeRawBufferPointer(rebasing: body[1..<(1 + nameSize)])
        data = UnsafeRawBufferPointer(rebasing: body[(1 + nameSize)...])
        name = Self.name(nameBytes)
    }

    /// The name for an error message: a peer may send any bytes.
    var printableName: String { printable(nameBytes.prefix(32)) }

    private static func name(_ bytes: UnsafeRawBufferPointer) -> Name {
        switch bytes.count {
        case 4: nameOfFour(bytes)
        case 5: nameOfFive(bytes)
        case 6: bytes.elementsEqual("CANCEL".utf8) ? .cancel : .other
        case 7: bytes.elementsEqual("WELCOME".utf8) ? .welcome : .other
        case 8: bytes.elementsEqual("INITIATE".utf8) ? .initiate : .other
        case 9: bytes.elementsEqual("SUBSCRIBE".utf8) ? .subscribe : .other
        default: .other
        }
    }

    private static func nameOfFour(_ bytes: UnsafeRawBufferPointer) -> Name {
        if bytes.elementsEqual("PING".utf8) { return .ping }
        if bytes.elementsEqual("PONG".utf8) { return .pong }
        return bytes.elementsEqual("JOIN".utf8) ? .join : .other
    }

    private static func nameOfFive(_ bytes: UnsafeRawBufferPointer) -> Name {
        if bytes.elementsEqual("READY".utf8) { return .ready }
        if bytes.elementsEqual("ERROR".utf8) { return .error }
        if bytes.elementsEqual("LEAVE".utf8) { return .leave }
        return bytes.elementsEqual("HELLO".utf8) ? .hello : .other
    }

    /// The header of the frame of a command named `name` with `dataSize` bytes of data.
    static func header(_ name: StaticString, dataSize: Int) -> FrameHeader {
        FrameHeader(flags: FrameHeader.command, bodySize: 1 + name.utf8CodeUnitCount + dataSize)
    }

    /// Appends the part of a command that precedes its `dataSize` bytes of data.
    static func append(_ name: StaticString, dataSize: Int, to output: inout [UInt8]) {
        header(name, dataSize: dataSize).append(to: &output)
        output.append(UInt8(name.utf8CodeUnitCount))
        output.append(name)
    }
}

/// The bytes as text, with everything but printable ASCII replaced.
func printable(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
}
